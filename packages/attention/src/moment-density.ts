import { type Basis, basisMoments } from "@infinite-former/signal";
import { assertShape, maskedSoftmax, stopGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Density } from "./density.js";
import { sumLast } from "./sum-last.js";

/**
 * Scores of basis functions to densities: mean and variance of the mixture
 * `Σ_j α_j ψ_j`, `α = softmax(scores)`:
 *
 * `μ = Σ α_j center_j`, `σ² = Σ α_j (width_j² + (center_j − μ)²)`.
 *
 * of Gaussian functions, rectangles or B-splines; see `basisMoments` of the
 * signal package. The variance is never below that of the narrowest function, and needs no
 * floor. (The authors' form `Σ α_j (width_j² + center_j²) − μ²` loses digits
 * in float32.) As `Σ α_j (center_j − μ) = 0`, the gradient of σ² by way of μ is
 * zero, and is left out.
 *
 * @param scores `[…, N]`.
 * @returns mean and variance, `[…]`, owned by the caller. Differentiable in `scores`.
 * @throws {ShapeError} `ERR_SHAPE` if the last axis of `scores` is not the basis.
 * @see the authors' code, `affines` off
 */
export function momentDensity(scores: tf.Tensor, basis: Basis): Density {
  assertShape("momentDensity", "scores", scores, "[…, basis]", { basis: basis.count });
  const shape = scores.shape.slice(0, -1);
  const moments = basisMoments(basis);
  const [mean, variance] = tf.tidy(() => {
    const weights = maskedSoftmax(tf.reshape(scores, [-1, basis.count])) as tf.Tensor2D;
    const centers = tf.tensor1d(Float32Array.from(moments.centers));
    const squares = tf.tensor1d(Float32Array.from(moments.widths, (width) => width * width));
    const middle = tf.matMul(weights, tf.expandDims(centers, 1)); // [rows, 1]
    const offsets = tf.square(tf.sub(centers, stopGradient(middle)));
    const spread = sumLast(tf.mul<tf.Tensor2D>(weights, tf.add(offsets, squares)));
    return [tf.reshape(middle, shape), tf.reshape(spread, shape)];
  }) as [tf.Tensor, tf.Tensor];
  return { mean, variance };
}
