import { erf, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { ParabolaDerivatives, ParabolaInput } from "./truncated-parabola.js";

/** The quantities of the closed form, each `[…, C]`. */
interface Parts {
  readonly low: tf.Tensor; // D − a
  readonly high: tf.Tensor; // D + a
  readonly atLow: tf.Tensor; // w·φ(low/w)
  readonly atHigh: tf.Tensor; // w·φ(high/w)
  readonly mass: tf.Tensor; // M = Φ(high/w) − Φ(low/w), the basis function's mass on the support
}

function parts({ distance, halfWidth, width }: ParabolaInput): Parts {
  const low = tf.sub(distance, halfWidth);
  const high = tf.add(distance, halfWidth);
  const narrowness = tf.div(Math.SQRT1_2, width);
  const bell = (edge: tf.Tensor): tf.Tensor => {
    const exponent = tf.neg(tf.square(tf.mul(edge, narrowness)));
    return tf.mul(tf.exp(exponent), tf.div(width, Math.sqrt(2 * Math.PI)));
  };
  const twice = tf.sub(erf(tf.mul(high, narrowness)), erf(tf.mul(low, narrowness)));
  return { low, high, atLow: bell(low), atHigh: bell(high), mass: tf.mul(twice, 0.5) };
}

/** `high·w·φ(low/w) − low·w·φ(high/w)`. */
function edges({ low, high, atLow, atHigh }: Parts): tf.Tensor {
  return tf.sub(tf.mul(high, atLow), tf.mul(low, atHigh));
}

/**
 * `E_p[ψ]` under truncated parabolas in closed form,
 * `r = 3/(4a³) · [high·wφ(low/w) − low·wφ(high/w) − (w² + low·high) M]`.
 *
 * Keeps its digits where `a` is above `w`; below, its terms cancel.
 *
 * @returns `[…, C]`, owned by the caller. No gradient of its own.
 * @see Martins et al. (2020), "Sparse and Continuous Attention Mechanisms", https://arxiv.org/abs/2006.07214
 */
export function parabolaClosedForm(input: ParabolaInput): tf.Tensor {
  return tf.tidy(() => {
    const all = parts(input);
    const spread = tf.add(tf.mul(all.low, all.high), tf.square(input.width));
    const bracket = tf.sub(edges(all), tf.mul(spread, all.mass));
    return tf.mul(bracket, tf.mul(tf.pow(input.halfWidth, -3), 0.75));
  });
}

/**
 * Derivatives of `parabolaClosedForm`:
 *
 * - `∂r/∂μ = 3/(2a³) · [wφ(low/w) − wφ(high/w) − D M]`
 * - `∂r/∂σ² = 3/(8a⁶) · [(3D² + 3w² − a²) M − 3 (high·wφ(low/w) − low·wφ(high/w))]`
 *
 * @returns both `[…, C]`, owned by the caller. They cancel sooner than the value.
 */
export function parabolaClosedFormDerivatives(input: ParabolaInput): ParabolaDerivatives {
  const { distance, halfWidth, width } = input;
  return tidyTree(() => {
    const all = parts(input);
    const slope = tf.sub(tf.sub(all.atLow, all.atHigh), tf.mul(distance, all.mass));
    const squares = tf.sub(tf.mul(tf.square(width), 3), tf.square(halfWidth)); // 3w² − a²
    const spread = tf.mul(tf.add(tf.mul(tf.square(distance), 3), squares), all.mass);
    const bend = tf.sub(spread, tf.mul(edges(all), 3));
    return {
      byMean: tf.mul(slope, tf.mul(tf.pow(halfWidth, -3), 1.5)),
      byVariance: tf.mul(bend, tf.mul(tf.pow(halfWidth, -6), 0.375)),
    };
  });
}
