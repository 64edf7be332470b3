import { assertSameShape, floorAt, maskedSoftmax } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { AttentionDensity } from "./density.js";

/** What mixtures are computed from: each `[batch, heads, queries, K]`. */
export interface MixtureScores {
  readonly meanScores: tf.Tensor4D;
  readonly varianceScores: tf.Tensor4D;
  readonly shareScores: tf.Tensor4D;
  /** Smallest variance, see `affineDensity`. */
  readonly varianceFloor: number;
}

/**
 * Scores to mixtures of K densities: each component as `affineDensity` has it,
 * `share = softmax(shareScores)`. The mixture's own mean is `Σ share μ_k`, its
 * variance `Σ share (σ²_k + (μ_k − mean)²)`.
 *
 * @returns owned by the caller. Differentiable in all scores.
 * @throws {ShapeError} `ERR_SHAPE` if the scores differ in shape.
 */
export function mixtureDensity(scores: MixtureScores): Required<Omit<AttentionDensity, "probabilities">> {
  const { meanScores, varianceScores, shareScores, varianceFloor } = scores;
  assertSameShape("mixtureDensity", "varianceScores", varianceScores.shape, meanScores.shape);
  assertSameShape("mixtureDensity", "shareScores", shareScores.shape, meanScores.shape);
  const [means, variances, share, mean, variance] = tf.tidy(() => {
    const places = tf.sigmoid(meanScores);
    const scales = floorAt(tf.softplus(varianceScores), varianceFloor);
    const weights = maskedSoftmax(shareScores);
    const middle = tf.sum(tf.mul(weights, places), -1);
    const spread = tf.add(scales, tf.square(tf.sub(places, tf.expandDims(middle, -1))));
    return [places, scales, weights, middle, tf.sum(tf.mul(weights, spread), -1)];
  }) as unknown as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor3D, tf.Tensor3D];
  return { mean, variance, components: { mean: means, variance: variances, share } };
}
