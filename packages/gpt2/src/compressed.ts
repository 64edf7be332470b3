import type { CompressedMemory } from "@infinite-former/memory";
import { appendCompressed, compressRows } from "@infinite-former/memory";
import {
  additiveSoftmax,
  batchMatMul,
  cloneTree,
  maskToBias,
  stopGradient,
  tidyTree,
} from "@infinite-former/tensor";
import type { KeysAndValues } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { Gpt2CompressedConfig } from "./config.js";
import type { Gpt2CompressedParams } from "./memory-params.js";

/** What a layer knows of the rows of the segment before, and what it makes of them. */
export interface CompressedUpdate {
  /** The memory that this segment reads; constant for every gradient. */
  readonly memory: CompressedMemory;
  /** The rows that entered it as they were, and compressed: what the reconstruction is measured on. */
  readonly old: CompressedMemory;
  /** Differentiable in the compression. */
  readonly fresh: CompressedMemory;
}

/**
 * The compressed memory of a layer at the start of a segment: the rows of the
 * segment before are compressed by a convolution, and the newest
 * `length` compressed rows are kept.
 *
 * @param past borrowed; `null` where there is none yet.
 * @param rows `[batch, L, model]`: the segment before, in batch rows where `active` is 1. Borrowed.
 * @returns owned by the caller.
 * @see Rae et al. (2019), "Compressive Transformers", section 3.1, https://arxiv.org/abs/1911.05507
 */
export function compressSegment(
  params: Gpt2CompressedParams,
  { length }: Pick<Gpt2CompressedConfig, "length">,
  past: CompressedMemory | null,
  rows: tf.Tensor3D,
  active: tf.Tensor1D,
): CompressedUpdate {
  return tidyTree(() => {
    const filled = tf.mul(active, rows.shape[1]) as tf.Tensor1D;
    const old: CompressedMemory = { rows: stopGradient(rows), filled };
    const fresh = compressRows(params.compression, old);
    const constant = { rows: stopGradient(fresh.rows), filled: tf.clone(fresh.filled) };
    return cloneTree({ memory: appendCompressed(past, constant, length), old, fresh });
  });
}

/**
 * What queries read of a compressed memory, `softmax(Q Kᵀ · scale) V W`,
 * without positions; 0 in batch rows that have none.
 *
 * @param keysAndValues `[batch, heads, rows, headSize]` each, of `ringKeysAndValues`.
 * @param filled `[batch]`: how many of the last rows count.
 * @param queries `[batch, heads, count, headSize]`: those of the block's own attention.
 * @returns `[batch, count, model]` before the output map, owned by the caller. Differentiable.
 */
export function readCompressed(
  { keys, values }: KeysAndValues,
  filled: tf.Tensor1D,
  queries: tf.Tensor4D,
  scale: number,
): tf.Tensor3D {
  const [batch, heads, count, size] = queries.shape;
  const rows = keys.shape[2];
  return tf.tidy(() => {
    const age = tf.range(rows, 0, -1);
    const counts = tf.lessEqual(tf.expandDims(age, 0), tf.expandDims(filled, 1));
    const bias = tf.reshape(maskToBias(counts), [batch, 1, 1, rows]);
    const weights = additiveSoftmax(tf.mul(batchMatMul(queries, keys, false, true), scale), bias);
    const there = tf.reshape(tf.minimum(filled, 1), [batch, 1, 1, 1]);
    const read = tf.mul(batchMatMul(weights, values), there);
    return tf.reshape(tf.transpose(read, [0, 2, 1, 3]), [batch, count, heads * size]) as tf.Tensor3D;
  });
}
