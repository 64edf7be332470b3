import type { MemoryPlan } from "@infinite-former/memory";
import { densityMass } from "@infinite-former/memory";
import { embed, layerNorm, rowLinear, tidyTree } from "@infinite-former/tensor";
import type { LongTermParams, RingView } from "@infinite-former/transformer";
import {
  continuousAttentionConfig,
  readLongTerm,
  ringAttention,
  ringView,
  rowFeedForward,
  writeRing,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { readCompressed } from "./compressed.js";
import type { Gpt2Config } from "./config.js";
import { memoryLayers, remembers } from "./config.js";
import type { Gpt2Reading } from "./decoding-segment.js";
import type { Gpt2Rings } from "./decoding-state.js";
import type { Gpt2CompressedParams } from "./memory-params.js";
import type { Gpt2Model } from "./model.js";
import type { Gpt2LayerParams, Gpt2Params } from "./params.js";

/** What a step reads and writes. */
export interface Gpt2StepTensors {
  readonly rings: readonly Gpt2Rings[];
  readonly noted: readonly tf.Tensor2D[];
  readonly reading: Gpt2Reading;
}

/** A token's place in the rings. */
interface View {
  readonly keys: RingView;
  /** Slot of the ring of rows that this token's goes into. */
  readonly rows: tf.Tensor1D;
}

/** A layer's place among the layers and among the memories (−1 where it has none), and the token's. */
interface LayerPlace {
  readonly index: number;
  readonly slot: number;
  readonly view: View;
}

/**
 * One token in every row: the numbers of `gpt2` with one token, from rings that
 * hold the segment's keys and values.
 *
 * @param tensors borrowed, but the rings are given up: see `writeRing`.
 * @param input int32: slots of the two rings, tokens of the unfinished segment per row, a token id per row.
 * @returns logits `[batch, vocabulary]` and what goes on, owned by the caller.
 */
export function decodingStep(
  { config, plan }: Pick<Gpt2Model, "config" | "plan">,
  params: Gpt2Params,
  tensors: Gpt2StepTensors,
  input: tf.Tensor1D,
): {
  readonly logits: tf.Tensor2D;
  readonly rings: readonly Gpt2Rings[];
  readonly noted: readonly tf.Tensor2D[];
} {
  const length = config.segmentLength;
  const [batch] = tensors.reading.remembering.shape;
  return tidyTree(() => {
    const part = (start: number, count: number): tf.Tensor1D => tf.slice(input, [start], [count]);
    const current = part(2, batch);
    const view: View = { keys: ringView(part(0, 1), current, length), rows: part(1, 1) };
    const words = embed(params.tokens, part(2 + batch, batch));
    let x = tf.add(words, embed(params.positions, current)) as tf.Tensor2D;
    const rings: Gpt2Rings[] = [];
    const noted: tf.Tensor2D[] = [];
    const withMemory = memoryLayers(config);
    params.layers.forEach((layer, index) => {
      const place = { index, slot: withMemory.indexOf(index), view };
      const out = decodingBlock({ config, plan }, layer, x, tensors, place);
      x = out.output;
      rings.push(out.rings);
      if (out.noted !== null) noted.push(out.noted);
    });
    const hidden = layerNorm(params.finalNorm, x, config.normEpsilon) as tf.Tensor2D;
    const { output = params.tokens } = params;
    const logits = rowLinear({ kernel: output }, hidden, { transposed: params.output === undefined });
    return { logits, rings, noted };
  });
}

function decodingBlock(
  { config, plan }: Pick<Gpt2Model, "config" | "plan">,
  params: Gpt2LayerParams,
  x: tf.Tensor2D,
  tensors: Gpt2StepTensors,
  { index, slot, view }: LayerPlace,
): { readonly output: tf.Tensor2D; readonly rings: Gpt2Rings; readonly noted: tf.Tensor2D | null } {
  const { headSize, normEpsilon, activation } = config;
  const own = tensors.rings[index] as Gpt2Rings;
  const normed = layerNorm(params.attentionNorm, x, normEpsilon) as tf.Tensor2D;
  const projected = rowLinear(params.attention.projection, normed);
  const scale = (config.scaledScores ? 1 / Math.sqrt(headSize) : 1) / (config.scoresByLayer ? index + 1 : 1);
  const { keys, values } = own;
  const read = ringAttention({ projected, keys, values, view: view.keys, scale });
  const rings: Gpt2Rings = {
    keys: read.keys,
    values: read.values,
    ...(own.rows === undefined ? {} : { rows: writeRing(own.rows, absorbed(config, x, normed), view.rows) }),
  };
  let middle = rowLinear(params.attention.output, read.context, { residual: x });
  let noted: tf.Tensor2D | null = null;
  const { reading } = tensors;
  const prepared = reading.longTerm[slot];
  const compressed = reading.compressed[slot];
  if (compressed !== undefined) {
    const read = readCompressedRow(config, compressed, projected);
    middle = rowLinear((params.compressed as Gpt2CompressedParams).output, read, { residual: middle });
  }
  if (remembers(config) && prepared !== undefined) {
    const { basis } = plan as MemoryPlan;
    const attention = continuousAttentionConfig(config);
    const memory = readLongTerm(prepared, attention, basis, projected, 1 / Math.sqrt(headSize));
    const { output } = (params.longTerm as LongTermParams).attention;
    middle = rowLinear(output, memory.context, { residual: middle });
    const mass = tensors.noted[slot];
    if (mass !== undefined) {
      const { stickyBins, density } = config.longTerm;
      const more = densityMass(stickyBins, { ...memory.density, density, basis });
      noted = tf.add<tf.Tensor2D>(mass, tf.mul(more, reading.remembering));
    }
  }
  const inner = layerNorm(params.feedForwardNorm, middle, normEpsilon) as tf.Tensor2D;
  return { output: rowFeedForward(params.feedForward, inner, activation, middle), rings, noted };
}

/** What one query a row reads of a compressed memory, `[batch, model]`. */
function readCompressedRow(
  { heads, headSize }: Gpt2Config,
  { filled, ...keysAndValues }: Gpt2Reading["compressed"][0],
  projected: tf.Tensor2D,
): tf.Tensor2D {
  const [batch] = projected.shape;
  const own = tf.slice(projected, [0, 0], [batch, heads * headSize]);
  const queries: tf.Tensor4D = tf.reshape(own, [batch, heads, 1, headSize]);
  const read = readCompressed(keysAndValues, filled, queries, 1 / Math.sqrt(headSize));
  return tf.reshape(read, [batch, heads * headSize]);
}

/** What the layer absorbs of a row later, as `rowsToAbsorb` has it. */
function absorbed(config: Gpt2Config, x: tf.Tensor2D, normed: tf.Tensor2D): tf.Tensor2D {
  return config.longTerm?.input === "normed" ? normed : x;
}
