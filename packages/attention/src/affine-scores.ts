import { addBias, batchMatMul, ConfigError, linear } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { ContinuousAttentionConfig } from "./config.js";
import type { ContinuousAttentionInput, ContinuousAttentionParams } from "./continuous-attention.js";

/**
 * Affine maps of the scores, `w · (K q)/√headSize + b`.
 *
 * They are linear in the keys, `w · (K q) = q · (Kᵀ w)`, and `Kᵀ w = W_Kᵀ (Bᵀ w)`:
 * so neither the `[queries, N]` score matrix nor the keys themselves are ever formed.
 *
 * @returns `[batch, heads, queries, columns]`: μ, σ² and, of mixtures, shares, K columns each; owned by the caller.
 * @throws {ConfigError} `ERR_CONFIG` if the parameters have no maps.
 */
export function affineScores(
  params: ContinuousAttentionParams,
  { heads, headSize, modelSize }: ContinuousAttentionConfig,
  { queries, coefficients }: ContinuousAttentionInput,
): tf.Tensor4D {
  const { mean, variance, affineBias } = params;
  if (!mean || !variance) {
    throw new ConfigError(
      "densityFrom",
      'continuousAttention: densityFrom must be "moments" for parameters without mean and variance maps, got "affine"',
    );
  }
  const [batch, , count] = queries.shape;
  return tf.tidy(() => {
    const maps = scoreMaps(params) as tf.Tensor2D; // [columns, basis]
    const [columns] = maps.shape;
    const mixed = tf.reshape(batchMatMul(tf.expandDims(maps, 0), coefficients), [batch * columns, modelSize]); // wᵀB
    const scaled = tf.mul(linear(params.keys, mixed), 1 / Math.sqrt(headSize));
    const directions = tf.transpose(tf.reshape(scaled, [batch, columns, heads, headSize]), [0, 2, 1, 3]);
    const products = batchMatMul(queries, directions, false, true) as tf.Tensor4D;
    const scores = affineBias ? addBias(tf.reshape(products, [-1, columns]), affineBias) : products;
    return tf.reshape(scores, [batch, heads, count, columns]);
  });
}

/** The affine maps of the scores as rows, `[columns, basis]`; `null` where parameters have none. */
export function scoreMaps({ mean, variance, share }: ContinuousAttentionParams): tf.Tensor2D | null {
  if (!mean || !variance) return null;
  if (!share) return tf.stack([mean, variance]) as tf.Tensor2D;
  return tf.concat([mean, variance, share], 0) as tf.Tensor2D;
}
