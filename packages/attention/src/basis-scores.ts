import { batchMatMul, linear } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { ContinuousAttentionConfig } from "./config.js";
import type { ContinuousAttentionInput, ContinuousAttentionParams } from "./continuous-attention.js";

/**
 * Score of every basis function for every query, `K q/√headSize`.
 * @returns `[batch, heads, queries, basis]`, owned by the caller. Differentiable.
 */
export function basisScores(
  params: ContinuousAttentionParams,
  { heads, headSize, basisCount }: ContinuousAttentionConfig,
  { queries, coefficients }: ContinuousAttentionInput,
): tf.Tensor4D {
  const [batch] = queries.shape;
  return tf.tidy(() => {
    const rows = tf.reshape(linear(params.keys, coefficients), [batch, basisCount, heads, headSize]);
    const keys = tf.transpose(rows, [0, 2, 1, 3]);
    const scaled = tf.mul(queries, 1 / Math.sqrt(headSize));
    return batchMatMul(scaled, keys, false, true) as tf.Tensor4D;
  });
}
