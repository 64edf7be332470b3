import { assertSameShape, floorAt } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Density } from "./density.js";

/** What a density is computed from. */
export interface AffineDensityInput {
  /** `[…]` unbounded scores of the mean. */
  readonly meanScores: tf.Tensor;
  /** `[…]` unbounded scores of the variance. */
  readonly varianceScores: tf.Tensor;
  /** Smallest variance, ≥ 0; below it the variance is held there and gets no gradient. */
  readonly varianceFloor: number;
}

/**
 * Scores to densities: `μ = sigmoid(meanScores)`, `σ² = max(softplus(varianceScores), floor)`.
 *
 * @returns mean and variance in the shape of the scores, owned by the caller. Differentiable.
 * @throws {ShapeError} `ERR_SHAPE` if the scores differ in shape.
 * @see Martins, Marinho & Martins (2022), section 3.1
 */
export function affineDensity(input: AffineDensityInput): Density {
  const { meanScores, varianceScores, varianceFloor } = input;
  assertSameShape("affineDensity", "varianceScores", varianceScores.shape, meanScores.shape);
  const [mean, variance] = tf.tidy(() => {
    return [tf.sigmoid(meanScores), floorAt(tf.softplus(varianceScores), varianceFloor)] as tf.Tensor[];
  }) as [tf.Tensor, tf.Tensor];
  return { mean, variance };
}
