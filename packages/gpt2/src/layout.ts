import * as tf from "@tensorflow/tfjs-core";
import type { Gpt2Config } from "./config.js";
import { memoryLayers, remembers } from "./config.js";

/** Where one weight of the Hugging Face layout has its place among our parameters. */
export interface WeightSlot {
  /** Name in the file, without the `transformer.` prefix that models with a head carry. */
  readonly name: string;
  /** Path in `Gpt2Params`, like `layers.0.attention.output.kernel`. */
  readonly path: string;
  /** Shape in the file. */
  readonly shape: readonly number[];
  /** Order of the file's axes in our tensor; as they are by default. */
  readonly axes?: readonly number[];
  /** Our shape, after `axes`; the same as in the file by default. */
  readonly ownShape?: readonly number[];
}

/**
 * Every weight of a GPT-2, in the order of the file.
 *
 * Layouts: GPT-2's `Conv1D` weights are `[in, out]`, as ours; `nn.Linear`
 * (head and long-term memory) is `[out, in]`, `nn.Conv1d` (gate) `[out, in, 3]`.
 */
export function weightSlots(config: Gpt2Config): WeightSlot[] {
  const { vocabularySize, positions, modelSize, tiedOutput } = config;
  return [
    { name: "wte.weight", path: "tokens", shape: [vocabularySize, modelSize] },
    { name: "wpe.weight", path: "positions", shape: [positions, modelSize] },
    ...Array.from({ length: config.layers }, (_, index) => layerSlots(config, index)).flat(),
    ...norm("ln_f", "finalNorm", modelSize),
    ...(tiedOutput ? [] : [matrix("lm_head.weight", "output", vocabularySize, modelSize)]),
  ];
}

function layerSlots(config: Gpt2Config, index: number): WeightSlot[] {
  const { modelSize, innerSize } = config;
  const [name, path] = [`h.${index}.`, `layers.${index}.`];
  return [
    ...norm(`${name}ln_1`, `${path}attentionNorm`, modelSize),
    ...convolution(`${name}attn.c_attn`, `${path}attention.projection`, modelSize, 3 * modelSize),
    ...convolution(`${name}attn.c_proj`, `${path}attention.output`, modelSize, modelSize),
    ...(memoryLayers(config).includes(index) ? memorySlots(config, `${name}attn.`, path) : []),
    ...norm(`${name}ln_2`, `${path}feedForwardNorm`, modelSize),
    ...convolution(`${name}mlp.c_fc`, `${path}feedForward.inner`, modelSize, innerSize),
    ...convolution(`${name}mlp.c_proj`, `${path}feedForward.outer`, innerSize, modelSize),
  ];
}

function memorySlots(config: Gpt2Config, name: string, path: string): WeightSlot[] {
  return [
    ...longTermSlots(config, `${name}long_term_attention.`, `${path}longTerm.`),
    ...compressedSlots(config, `${name}compressed_memory.`, `${path}compressed.`),
  ];
}

/** Names of our own: there is no such model elsewhere. The authors' trainer knows such weights by `compress`. */
function compressedSlots({ modelSize, compressed }: Gpt2Config, name: string, path: string): WeightSlot[] {
  if (compressed === undefined) return [];
  const shape = [modelSize, modelSize, compressed.ratio];
  return [
    { name: `${name}compress.weight`, path: `${path}compression.kernel`, shape, axes: [2, 1, 0] },
    { name: `${name}compress.bias`, path: `${path}compression.bias`, shape: [modelSize] },
    matrix(`${name}proj_key_value.weight`, `${path}keysAndValues.kernel`, 2 * modelSize, modelSize),
    matrix(`${name}attn_out.weight`, `${path}output.kernel`, modelSize, modelSize),
  ];
}

/** The names of the authors' `LongTermAttention`; its affine maps have no biases, `affine_bias` is ours. */
function longTermSlots(config: Gpt2Config, name: string, path: string): WeightSlot[] {
  if (!remembers(config)) return [];
  const { modelSize } = config;
  const { basisCount, gate, densityFrom, affineBias } = config.longTerm;
  const map = (own: string, ours: string): WeightSlot => ({
    name: `${name}${own}.weight`,
    path: `${path}attention.${ours}`,
    shape: [1, basisCount],
    ownShape: [basisCount],
  });
  const square = (own: string, ours: string): WeightSlot =>
    matrix(`${name}${own}.weight`, `${path}attention.${ours}.kernel`, modelSize, modelSize);
  return [
    square("proj_key", "keys"),
    square("proj_value", "values"),
    square("attn_out", "output"),
    ...(gate
      ? [
          {
            name: `${name}mask_net.weight`,
            path: `${path}gate.kernel`,
            shape: [modelSize, modelSize, 3],
            axes: [2, 1, 0],
          },
          { name: `${name}mask_net.bias`, path: `${path}gate.bias`, shape: [modelSize] },
        ]
      : []),
    ...(densityFrom === "affine" ? [map("mu", "mean"), map("sigma", "variance")] : []),
    ...(affineBias ? [{ name: `${name}affine_bias`, path: `${path}attention.affineBias`, shape: [2] }] : []),
  ];
}

function norm(name: string, path: string, size: number): WeightSlot[] {
  return [
    { name: `${name}.weight`, path: `${path}.gain`, shape: [size] },
    { name: `${name}.bias`, path: `${path}.bias`, shape: [size] },
  ];
}

/** GPT-2's `Conv1D`. */
function convolution(name: string, path: string, inputs: number, outputs: number): WeightSlot[] {
  return [
    { name: `${name}.weight`, path: `${path}.kernel`, shape: [inputs, outputs] },
    { name: `${name}.bias`, path: `${path}.bias`, shape: [outputs] },
  ];
}

/** `nn.Linear` without bias. */
function matrix(name: string, path: string, outputs: number, inputs: number): WeightSlot {
  return { name, path, shape: [outputs, inputs], axes: [1, 0] };
}

/**
 * A weight in our layout from one in the file's.
 *
 * @param weight of the slot's shape; borrowed.
 * @returns a new tensor, owned by the caller. Differentiable.
 */
export function fromHuggingFace(slot: WeightSlot, weight: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const turned = slot.axes === undefined ? weight.clone() : tf.transpose(weight, [...slot.axes]);
    return slot.ownShape === undefined ? turned : tf.reshape(turned, [...slot.ownShape]);
  });
}

/** The inverse of `fromHuggingFace`. */
export function toHuggingFace(slot: WeightSlot, own: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (slot.axes === undefined) return tf.reshape(own, [...slot.shape]);
    const { axes } = slot;
    const back = axes.map((_, axis) => axes.indexOf(axis));
    return tf.transpose(
      tf.reshape(
        own,
        axes.map((axis) => slot.shape[axis] as number),
      ),
      back,
    );
  });
}
