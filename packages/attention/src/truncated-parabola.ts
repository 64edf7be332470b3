import * as tf from "@tensorflow/tfjs-core";

/** Smaller scales are taken as this: in float32 their half-width, 1e-10, moves no position any more. */
const SMALLEST_SCALE = 1e-30;

/**
 * Half-width of the support of truncated parabolas, `a = (3σ²/2)^⅓`.
 *
 * @param variance `[…]` σ² ≥ 0, in positions squared; below 1e-30 taken as that.
 * @returns the shape of `variance`, above 0, owned by the caller. No gradient of its own.
 */
export function parabolaHalfWidth(variance: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.mul(tf.pow(tf.maximum(variance, SMALLEST_SCALE), 1 / 3), Math.cbrt(1.5)));
}

/** Truncated parabolas and the basis functions under them. */
export interface ParabolaInput {
  /** `[…, C]` D = μ − center, in positions. */
  readonly distance: tf.Tensor;
  /** `[…, 1]` or `[…, C]` a, half the width of the support, > 0. */
  readonly halfWidth: tf.Tensor;
  /** Standard deviation of the basis functions: one for all, or `[C]`. */
  readonly width: number | tf.Tensor1D;
}

/** Derivatives of `r = E_p[ψ]`, each `[…, C]`. */
export interface ParabolaDerivatives {
  readonly byMean: tf.Tensor;
  readonly byVariance: tf.Tensor;
}
