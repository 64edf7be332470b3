import type { CompressedMemory, CompressionParams } from "@infinite-former/memory";
import type { LinearParams } from "@infinite-former/tensor";
import { additiveSoftmax, batchMatMul, linear, maskToBias, stopGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { CompressiveAttentionParams } from "./compressive-attention.js";
import { projectKeysAndValues, splitHeads } from "./heads.js";

/** What is attended to, before and after the compression. */
export interface ReconstructionInput {
  /** `[batch, queries, model]`: the attention inputs of one segment. */
  readonly queries: tf.Tensor3D;
  /** Rows of the past as they were; `null` where there are none yet. */
  readonly old: CompressedMemory | null;
  /** The rows they were compressed to. */
  readonly compressed: CompressedMemory;
  readonly heads: number;
}

/**
 * Attention-reconstruction loss of one layer: mean squared difference between
 * what the queries read in the past as it was and in what it was compressed
 * to, `softmax(Q Kᵀ/√d) V` on either side, without positions or causal mask.
 *
 * The mean is over the batch rows of which something was compressed; attention
 * to an empty past reads 0.
 *
 * @returns a scalar owned by the caller; 0 where nothing was compressed in any row. Differentiable in
 *   `compressed.rows` only: it trains the compression, and nothing else.
 * @see Rae et al. (2019), "Compressive Transformers", algorithm 2, https://arxiv.org/abs/1911.05507
 */
export function reconstructionLoss(
  params: CompressiveAttentionParams,
  { queries, heads, ...rows }: ReconstructionInput,
): tf.Scalar {
  return tf.tidy(() => {
    const query = splitHeads(linear(params.queries, queries), heads);
    return attentionReconstruction(params.keysAndValues, query, rows);
  });
}

/**
 * The same for queries that are there already.
 *
 * @param keysAndValues `[model, 2·heads·size]`. @param queries `[heads, batch, queries, size]`, without scale.
 */
export function attentionReconstruction(
  keysAndValues: LinearParams,
  queries: tf.Tensor4D,
  { old, compressed }: Pick<ReconstructionInput, "old" | "compressed">,
): tf.Scalar {
  return tf.tidy(() => {
    const [heads, batch, , size] = queries.shape;
    const query = stopGradient(queries);
    const read = (memory: CompressedMemory): tf.Tensor => {
      const { keys, values } = projectKeysAndValues(constant(keysAndValues), memory.rows, heads);
      const scores = tf.mul(batchMatMul(query, keys, false, true), 1 / Math.sqrt(size));
      return batchMatMul(additiveSoftmax(scores, emptyRowsBias(memory)), values);
    };
    const perRow = (filled: tf.Tensor1D): tf.Tensor => tf.reshape(tf.minimum(filled, 1), [1, batch, 1, 1]);
    const before =
      old === null ? 0 : tf.mul(read({ ...old, rows: stopGradient(old.rows) }), perRow(old.filled));
    const squares = tf.square(tf.sub(before, read(compressed)));
    const counting = perRow(compressed.filled);
    const each = squares.size / batch;
    return tf.div(
      tf.sum(tf.mul(squares, counting)),
      tf.mul(tf.maximum(tf.sum(counting), 1), each),
    ) as tf.Scalar;
  });
}

/**
 * The loss where nothing was compressed: 0, and still a function of every
 * compression, so that their gradients are 0 and not missing.
 */
export function zeroReconstructionLoss(compressions: readonly (CompressionParams | undefined)[]): tf.Scalar {
  return tf.tidy(() => {
    const zeros = compressions.flatMap((params) =>
      params === undefined ? [] : [tf.mul(0, tf.sum(params.kernel)), tf.mul(0, tf.sum(params.bias))],
    );
    return tf.addN([tf.scalar(0), ...zeros]) as tf.Scalar;
  });
}

function constant({ kernel }: LinearParams): LinearParams {
  return { kernel: stopGradient(kernel) };
}

/** `[batch, 1, rows]`: 0 for rows that count, a large negative number for the others. */
function emptyRowsBias({ rows, filled }: CompressedMemory): tf.Tensor {
  const count = rows.shape[1];
  const age = Float32Array.from({ length: count }, (_, row) => count - row);
  return tf.expandDims(maskToBias(tf.lessEqual(tf.tensor2d(age, [1, count]), tf.expandDims(filled, -1))), 1);
}
