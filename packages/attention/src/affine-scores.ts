import { addBias, batchMatMul, ConfigError, linear, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { ContinuousAttentionConfig } from "./config.js";
import type { ContinuousAttentionInput, ContinuousAttentionParams } from "./continuous-attention.js";

/** Scores of mean and variance, each `[batch, heads, queries]`. */
export interface AffineScores {
  readonly meanScores: tf.Tensor3D;
  readonly varianceScores: tf.Tensor3D;
}

/**
 * Affine maps of the scores, `w · (K q)/√headSize + b`.
 *
 * They are linear in the keys, `w · (K q) = q · (Kᵀ w)`, and `Kᵀ w = W_Kᵀ (Bᵀ w)`:
 * so neither the `[queries, N]` score matrix nor the keys themselves are ever formed.
 *
 * @throws {ConfigError} `ERR_CONFIG` if the parameters have no maps.
 */
export function affineScores(
  params: ContinuousAttentionParams,
  { heads, headSize, modelSize }: ContinuousAttentionConfig,
  { queries, coefficients }: ContinuousAttentionInput,
): AffineScores {
  const { mean, variance, affineBias } = params;
  if (!mean || !variance) {
    throw new ConfigError(
      "densityFrom",
      'continuousAttention: densityFrom must be "moments" for parameters without mean and variance maps, got "affine"',
    );
  }
  const [batch, , count] = queries.shape;
  return tidyTree(() => {
    const maps = tf.expandDims(tf.stack([mean, variance]), 0); // [1, 2, basis]
    const mixed = tf.reshape(batchMatMul(maps, coefficients), [batch * 2, modelSize]); // wᵀB
    const scaled = tf.mul(linear(params.keys, mixed), 1 / Math.sqrt(headSize));
    const directions = tf.transpose(tf.reshape(scaled, [batch, 2, heads, headSize]), [0, 2, 1, 3]);
    const products = batchMatMul(queries, directions, false, true) as tf.Tensor4D;
    const scores = affineBias ? addBias(tf.reshape(products, [-1, 2]), affineBias) : products;
    const both: tf.Tensor4D = tf.reshape(scores, [batch, heads, count, 2]);
    return { meanScores: column(both, 0), varianceScores: column(both, 1) };
  });
}

function column(scores: tf.Tensor4D, index: number): tf.Tensor3D {
  const [batch, heads, queries] = scores.shape;
  return tf.reshape(tf.slice(scores, [0, 0, 0, index], [batch, heads, queries, 1]), [batch, heads, queries]);
}
