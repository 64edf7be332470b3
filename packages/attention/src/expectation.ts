import type * as tf from "@tensorflow/tfjs-core";

/** Densities of one family. */
export interface PlaceAndScale {
  /** `[rows, 1]` μ */
  readonly mean: tf.Tensor2D;
  /** `[rows, 1]` σ² ≥ 0 */
  readonly variance: tf.Tensor2D;
}

/** Derivatives of `r = E_p[ψ]`, both `[rows, N]`. */
export interface ExpectationDerivatives {
  readonly byMean: tf.Tensor;
  /** By σ². */
  readonly byVariance: tf.Tensor;
}

/** How the expected values of one basis under one family are computed; no gradient is taken through either. */
export interface Expectation {
  /** `[rows, N]`, owned by the caller. */
  value(densities: PlaceAndScale): tf.Tensor;
  /** Owned by the caller. */
  derivatives(densities: PlaceAndScale): ExpectationDerivatives;
}
