import type * as tf from "@tensorflow/tfjs-core";

/** Shape of an attention density: what continuous softmax gives, or continuous sparsemax. */
export type DensityFamily = "gaussian" | "truncated-parabola";

/** Densities over positions, one per head and query. */
export interface Density {
  /** `[…]` μ in [0, 1], in positions. */
  readonly mean: tf.Tensor;
  /** `[…]` σ², in positions squared: the variance of a Gaussian, the scale of a truncated parabola. */
  readonly variance: tf.Tensor;
}
