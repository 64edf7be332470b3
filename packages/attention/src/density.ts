import { type LocationScaleFamily, locationScaleFamilies } from "@infinite-former/signal";
import type * as tf from "@tensorflow/tfjs-core";

/**
 * Shape of an attention density: with a place and a scale, what continuous
 * softmax gives, or sparsemax, or 1.5-entmax; or free-form, see `gibbsDensity`.
 */
export type DensityFamily = LocationScaleFamily | "gibbs";

/** Every family. */
export const densityFamilies: readonly DensityFamily[] = Object.freeze([...locationScaleFamilies, "gibbs"]);

/** Densities over positions, one per head and query. */
export interface Density {
  /** `[…]` μ in [0, 1], in positions. */
  readonly mean: tf.Tensor;
  /** `[…]` σ², in positions squared: the variance of a Gaussian, the scale of a truncated parabola or a biweight. */
  readonly variance: tf.Tensor;
}

/** The densities that a mixture consists of, and their weights: all `[batch, heads, queries, K]`. */
export interface MixtureComponents {
  readonly mean: tf.Tensor4D;
  readonly variance: tf.Tensor4D;
  /** ≥ 0, of sum 1 over the last axis. */
  readonly share: tf.Tensor4D;
}

/** What the densities of a read are, whatever the family. */
export interface AttentionDensity {
  /** `[batch, heads, queries]` μ; of a mixture and of a Gibbs density the mean. */
  readonly mean: tf.Tensor3D;
  /** `[batch, heads, queries]` σ²; of a mixture the variance if its components had theirs, of a Gibbs density the variance. */
  readonly variance: tf.Tensor3D;
  /** Where `densityCount` is above 1. */
  readonly components?: MixtureComponents;
  /** `[batch, heads, queries, G]` at the points of `quadratureGrid`, of sum 1; where `density` is `"gibbs"`. */
  readonly probabilities?: tf.Tensor4D;
}
