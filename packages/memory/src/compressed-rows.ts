import type { Rng } from "@infinite-former/random";
import { assertShape, initUniform, linear } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { CompressedMemory } from "./compressed-memory.js";
import { placesBefore, takePlaces } from "./compressed-places.js";

/** Parameters of the compression: a convolution over groups of `ratio` rows that do not overlap. */
export interface CompressionParams {
  readonly kernel: tf.Tensor3D; // [ratio, model, model]: place in the group, in, out
  readonly bias: tf.Tensor1D; // [model]
}

/**
 * What becomes of `n` rows that are no multiple of the ratio `r`.
 *
 * `"pad"`: `r − n mod r` zero rows come before them, so that every row enters
 * a group and none is lost. `"reference"`, as in lucidrains' code: `n mod r`
 * zero rows come before them, and an incomplete group at the end is lost.
 */
export type Remainder = "pad" | "reference";

/** PyTorch's default for a convolution: kernel and bias uniform within ±1/√(ratio · model). */
export function initCompression(
  sizes: { readonly modelSize: number; readonly ratio: number },
  rng: Rng,
): CompressionParams {
  const { modelSize, ratio } = sizes;
  const bound = 1 / Math.sqrt(ratio * modelSize);
  return {
    kernel: initUniform([ratio, modelSize, modelSize], -bound, bound, rng.split("kernel")) as tf.Tensor3D,
    bias: initUniform([modelSize], -bound, bound, rng.split("bias")) as tf.Tensor1D,
  };
}

/** How many rows `count` rows are compressed to: `⌈n/r⌉`, or `⌊(n + n mod r)/r⌋` by the reference's rule. */
export function compressedCount(count: number, ratio: number, remainder: Remainder = "pad"): number {
  return remainder === "pad" ? Math.ceil(count / ratio) : Math.floor((count + (count % ratio)) / ratio);
}

/**
 * Rows compressed `ratio` to one: `c_g = bias + Σ_i x_{g·ratio + i} · kernel_i`,
 * a convolution along time with stride `ratio`.
 *
 * One product of `[batch · groups, ratio · model]`: needs no convolution
 * kernel, whose gradient the wasm backend lacks.
 *
 * @param memory `rows` `[batch, count, model]`, count ≥ 1, of which the last `filled` exist; each batch
 *   row is compressed as if it were alone, whatever the others hold. Borrowed.
 * @returns `[batch, compressedCount(count), model]` and how many of the last ones count; owned by the
 *   caller. Rows that do not count hold leftovers. Differentiable in parameters and rows.
 * @throws {ShapeError} `ERR_SHAPE` if parameters and rows differ in model size.
 * @see Rae et al. (2019), "Compressive Transformers", section 3.1, https://arxiv.org/abs/1911.05507
 */
export function compressRows(
  params: CompressionParams,
  memory: CompressedMemory,
  remainder: Remainder = "pad",
): CompressedMemory {
  const { batch, count, model } = assertShape("compressRows", "rows", memory.rows, "[batch, count, model]");
  assertShape("compressRows", "filled", memory.filled, "[batch]", { batch });
  const { ratio } = assertShape("compressRows", "kernel", params.kernel, "[ratio, model, model]", { model });
  const groups = compressedCount(count, ratio, remainder);
  if (groups === 0) return { rows: tf.zeros([batch, 0, model]), filled: tf.zeros([batch]) };
  const [rows, filled] = tf.tidy(() => {
    const real = memory.filled;
    const rest = tf.sub(real, tf.mul(wholeGroups(real, ratio), ratio));
    const padded = tf.add(real, remainder === "pad" ? ratio - 1 : rest);
    const valid = wholeGroups(padded, ratio);
    const lost = remainder === "pad" ? tf.zerosLike(rest) : tf.sub(padded, tf.mul(valid, ratio));
    // Groups end where no more rows are lost; places before the first row that exists are zero rows.
    const source = placesBefore(count, groups * ratio, lost as tf.Tensor1D);
    const exists = tf.greaterEqual(source, tf.expandDims(tf.sub(count, real), -1));
    const taken = tf.mul(takePlaces(memory.rows, source), tf.expandDims(tf.cast(exists, "float32"), -1));
    const kernel: tf.Tensor2D = tf.reshape(params.kernel, [ratio * model, model]);
    const compressed = linear(
      { kernel, bias: params.bias },
      tf.reshape(taken, [batch * groups, ratio * model]),
    );
    return [tf.reshape(compressed, [batch, groups, model]), valid];
  }) as [tf.Tensor3D, tf.Tensor1D];
  return { rows, filled };
}

/** `⌊n/r⌋`; the half keeps a division that is not correctly rounded from losing a group. */
function wholeGroups(count: tf.Tensor, ratio: number): tf.Tensor {
  return tf.floor(tf.div(tf.add(count, 0.5), ratio));
}
