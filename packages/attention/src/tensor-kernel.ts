import type { LocationScaleFamily } from "@infinite-former/signal";
import { erf } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** Smaller σ² are taken as this: nothing in float32 tells them apart. */
const SMALLEST_VARIANCE = 1e-30;

/** The kernel k of a density `k((t − μ)/s)/s`, on tensors of u = (t − μ)/s; see `DensityKernel` of the signal package. */
export interface TensorKernel {
  /** s of σ² ≥ 0; below 1e-30 taken as that. */
  scale(variance: tf.Tensor): tf.Tensor;
  /** σ² of a given s, the inverse of `scale`. */
  variance(scale: number): number;
  /** `s · ds/dσ²` of s. */
  lift(scale: tf.Tensor): tf.Tensor;
  /** Where k is 0, or below 1e-8. */
  readonly reach: number;
  value(u: tf.Tensor): tf.Tensor;
  /** k′ */
  slope(u: tf.Tensor): tf.Tensor;
  /** `∫_u^∞ v k(v) dv` */
  bend(u: tf.Tensor): tf.Tensor;
  /** `(u k)′ = k + u k′` */
  tilt(u: tf.Tensor): tf.Tensor;
  /** The CDF less ½, odd. */
  rise(u: tf.Tensor): tf.Tensor;
}

const held = (variance: tf.Tensor): tf.Tensor => tf.maximum(variance, SMALLEST_VARIANCE);
const bell = (u: tf.Tensor): tf.Tensor =>
  tf.mul(tf.exp(tf.mul(tf.square(u), -0.5)), 1 / Math.sqrt(2 * Math.PI));
/** `[1 − u²]₊` */
const inside = (u: tf.Tensor): tf.Tensor => tf.relu(tf.mul(tf.sub(1, u), tf.add(1, u)));

const gaussian: TensorKernel = {
  scale: (variance) => tf.sqrt(held(variance)),
  variance: (scale) => scale ** 2,
  lift: (scale) => tf.mul(tf.onesLike(scale), 0.5),
  reach: 6,
  value: bell,
  slope: (u) => tf.mul(tf.neg(u), bell(u)),
  bend: bell,
  tilt: (u) => tf.mul(tf.sub(1, tf.square(u)), bell(u)),
  rise: (u) => tf.mul(erf(tf.mul(u, Math.SQRT1_2)), 0.5),
};

const parabola: TensorKernel = {
  scale: (variance) => tf.mul(tf.pow(held(variance), 1 / 3), Math.cbrt(1.5)),
  variance: (scale) => scale ** 3 / 1.5,
  lift: (scale) => tf.div(0.5, scale),
  reach: 1,
  value: (u) => tf.mul(inside(u), 0.75),
  slope: (u) => tf.mul(tf.mul(u, -1.5), tf.cast(tf.less(tf.abs(u), 1), "float32")),
  bend: (u) => tf.mul(tf.square(inside(u)), 0.1875),
  tilt: (u) => tf.mul(tf.sub(0.75, tf.mul(tf.square(u), 2.25)), tf.cast(tf.less(tf.abs(u), 1), "float32")),
  rise: (u) => tf.mul(u, tf.sub(0.75, tf.mul(tf.square(u), 0.25))),
};

const biweight: TensorKernel = {
  scale: (variance) => tf.pow(tf.mul(held(variance), Math.sqrt(15)), 0.4),
  variance: (scale) => scale ** 2.5 / Math.sqrt(15),
  lift: (scale) => tf.mul(tf.rsqrt(scale), 0.4 * Math.sqrt(15)),
  reach: 1,
  value: (u) => tf.mul(tf.square(inside(u)), 0.9375),
  slope: (u) => tf.mul(tf.mul(u, -3.75), inside(u)),
  bend: (u) => tf.mul(tf.mul(inside(u), tf.square(inside(u))), 0.15625),
  tilt: (u) => tf.mul(tf.mul(inside(u), tf.sub(1, tf.mul(tf.square(u), 5))), 0.9375),
  rise: (u) => {
    const square = tf.square(u);
    return tf.mul(u, tf.add(0.9375, tf.mul(square, tf.sub(tf.mul(square, 0.1875), 0.625))));
  },
};

/** The kernel of a family. */
export function tensorKernel(family: LocationScaleFamily): TensorKernel {
  if (family === "gaussian") return gaussian;
  return family === "biweight" ? biweight : parabola;
}
