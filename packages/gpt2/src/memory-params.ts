import type { CompressionParams } from "@infinite-former/memory";
import { initCompression } from "@infinite-former/memory";
import type { Rng } from "@infinite-former/random";
import type { LinearParams } from "@infinite-former/tensor";
import { initLinear, zeros } from "@infinite-former/tensor";
import type { LongTermParams } from "@infinite-former/transformer";
import { initLongTerm } from "@infinite-former/transformer";
import type * as tf from "@tensorflow/tfjs-core";
import type { Gpt2Config } from "./config.js";
import { memoryLayers, remembers } from "./config.js";

/** Parameters of a layer's compressed memory. */
export interface Gpt2CompressedParams {
  readonly compression: CompressionParams;
  /** `[model, 2·model]`: keys, then values; no bias. */
  readonly keysAndValues: LinearParams;
  /** `[model, model]`, no bias. */
  readonly output: LinearParams;
}

/** Parameters of a layer's memory of either kind; empty where the layer has none. */
export interface Gpt2MemoryParams {
  readonly longTerm?: LongTermParams;
  readonly compressed?: Gpt2CompressedParams;
}

/**
 * How a new memory begins. `"authors"`: all maps N(0, .02²), so the model
 * changes at once. `"silent"`: the map of what is read into the residual stream
 * is zero, so the model answers as it did without; training moves that map
 * first, and the others as soon as it is not zero.
 */
export type MemoryStart = "authors" | "silent";

/**
 * New parameters of the memory of one layer, none where it has no memory: maps
 * N(0, .02²), gate and compression as PyTorch's Conv1d.
 *
 * @param rng of the layer. @returns owned by the caller.
 */
export function initLayerMemory(
  config: Gpt2Config,
  layer: number,
  rng: Rng,
  start: MemoryStart = "authors",
): Gpt2MemoryParams {
  if (!memoryLayers(config).includes(layer)) return {};
  if (remembers(config)) {
    const { attention, ...gate } = initLongTerm(config, rng.split("long-term"));
    return { longTerm: { ...gate, attention: { ...attention, output: begun(attention.output, start) } } };
  }
  const { modelSize, compressed } = config;
  if (compressed === undefined) return {};
  const own = rng.split("compressed");
  const map = (outputs: number, name: string): LinearParams =>
    initLinear({ inputs: modelSize, outputs, bias: false }, own.split(name));
  return {
    compressed: {
      compression: initCompression({ modelSize, ratio: compressed.ratio }, own.split("compression")),
      keysAndValues: map(2 * modelSize, "keysAndValues"),
      output: begun(map(modelSize, "output"), start),
    },
  };
}

/** The map of what is read, which it takes over. */
function begun(output: LinearParams, start: MemoryStart): LinearParams {
  if (start === "authors") return output;
  const { shape } = output.kernel;
  output.kernel.dispose();
  return { kernel: zeros(shape) as tf.Tensor2D };
}
