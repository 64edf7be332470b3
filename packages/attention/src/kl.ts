import { assertSameShape, withGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** σ²/σ₀² is held here in the logarithm, so that a variance that underflowed has a finite penalty and gradient. */
const SMALLEST_RATIO = 1e-30;

/** Densities and the prior they are held to. */
export interface KlToPriorInput {
  /** `[…]` μ. */
  readonly mean: tf.Tensor;
  /** `[…]` σ² ≥ 0; not checked. */
  readonly variance: tf.Tensor;
  /** σ₀ > 0, in positions. */
  readonly priorWidth: number;
  /** μ₀, or `null` (the default) for the form without a mean term. */
  readonly priorMean?: number | null;
}

/**
 * Divergence of each density from a Gaussian prior,
 * `D_KL = ½ (σ²/σ₀² − log(σ²/σ₀²) − 1 + (μ − μ₀)²/σ₀²)`.
 *
 * Without a prior mean the last term is left out: the prior is then centred
 * wherever the density is, and only its width is penalised.
 *
 * @returns the shape of `mean`, ≥ 0, owned by the caller. Differentiable in `mean` and `variance`.
 * @throws {ShapeError} `ERR_SHAPE` if `mean` and `variance` differ in shape.
 * @see Martins, Marinho & Martins (2022), section 3.3
 */
export function klToPrior(input: KlToPriorInput): tf.Tensor {
  const { mean, variance, priorWidth, priorMean = null } = input;
  assertSameShape("klToPrior", "variance", variance.shape, mean.shape);
  const precision = 1 / (priorWidth * priorWidth);
  return tf.tidy(() => {
    const spread = spreadPenalty(tf.mul(variance, precision));
    if (priorMean === null) return tf.mul(spread, 0.5);
    const offset = tf.mul(tf.square(tf.sub(mean, priorMean)), precision);
    return tf.mul(tf.add(spread, offset), 0.5);
  });
}

/** `r − log r − 1`, with the logarithm constant below the smallest ratio. */
function spreadPenalty(ratio: tf.Tensor): tf.Tensor {
  return withGradient([ratio], (save) => {
    save([ratio]);
    return {
      value: tf.sub(tf.sub(ratio, tf.log(tf.maximum(ratio, SMALLEST_RATIO))), 1),
      gradient: (cotangent, [r]) => {
        const free = tf.cast(tf.greaterEqual(r as tf.Tensor, SMALLEST_RATIO), "float32");
        const slope = tf.sub(1, tf.div(free, tf.maximum(r as tf.Tensor, SMALLEST_RATIO)));
        return [tf.mul(cotangent, slope)];
      },
    };
  });
}
