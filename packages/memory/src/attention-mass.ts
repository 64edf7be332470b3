import { binEdges, type LocationScaleFamily } from "@infinite-former/signal";
import {
  assertSameShape,
  assertShape,
  batchMatMul,
  erf,
  hasKernel,
  stopGradient,
} from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** Attention densities over positions, and how much each counts. */
export interface AttentionDensities {
  /** `[batch, heads, queries]` μ, in positions. */
  readonly mean: tf.Tensor3D;
  /** `[batch, heads, queries]` σ², in positions squared, ≥ 0. */
  readonly variance: tf.Tensor3D;
  /** Normal densities, the default, the truncated parabolas of continuous sparsemax, or biweights. */
  readonly density?: LocationScaleFamily;
  /** `[batch, queries]` weights, as 0 where a query is padding; 1 by default. */
  readonly weights?: tf.Tensor2D;
}

/** Below this a variance counts as this: finite for a density that is a point. */
const smallestVariance = 1e-20;

const fused = "InfiniteFormerAttentionMass";

/**
 * How much attention falls into each of `bins` equal bins of `[0, 1]`: the mass
 * of all heads' and queries' densities, `Σ w · (F(edge_{k+1}) − F(edge_k))`. The
 * outermost edges lie 1e-6 outside; what is beyond them is lost.
 *
 * All CDFs are `(1 + f(z))/2` with an odd f: `erf` of `z = (t − μ)/(σ√2)`, or
 * `(3 z − z³)/2` of `z = (t − μ)/∛(3σ²/2)` held in `[−1, 1]`, or with biweights
 * `(15 z − 10 z³ + 3 z⁵)/8` of `z = (t − μ)/(15σ⁴)^⅕`. A bin is right to about
 * 1e-7 of the total.
 *
 * On native TensorFlow's processor backend one kernel, but for biweights, in
 * which each density meets only the edges around it. Elsewhere f is summed over
 * heads and queries first, in one product, and differences are taken of the sums.
 *
 * @returns `[batch, bins]`, ≥ 0, not normalised; owned by the caller. A constant to gradients.
 * @throws {ShapeError} `ERR_SHAPE` if the densities' shapes differ.
 * @see Martins, Marinho & Martins (2022), section 3.3, https://arxiv.org/abs/2109.00301
 */
export function attentionMass(bins: number, densities: AttentionDensities): tf.Tensor2D {
  const { mean, variance, density = "gaussian", weights } = densities;
  const { batch, heads, queries } = assertShape("attentionMass", "mean", mean, "[batch, heads, queries]");
  assertSameShape("attentionMass", "variance", variance.shape, mean.shape);
  if (weights) assertShape("attentionMass", "weights", weights, "[batch, queries]", { batch, queries });
  const rise = rises[density];
  return tf.tidy(() => {
    const edges = tf.tensor1d(Float32Array.from(binEdges(bins)));
    if (density !== "biweight" && hasKernel(fused)) {
      const constant = { mean: stopGradient(mean), variance: stopGradient(variance) };
      const given = { ...constant, edges, ...(weights ? { weights: stopGradient(weights) } : {}) };
      const parabola = { gaussian: 0, "truncated-parabola": 1 }[density];
      return (tf.engine().runKernel(fused, given, { parabola }) as unknown as [tf.Tensor2D])[0];
    }
    const count = heads * queries;
    const column = (x: tf.Tensor3D) => tf.reshape(stopGradient(x), [batch, count, 1]);
    const held = tf.maximum(column(variance), smallestVariance);
    const risen = rise(tf.sub(edges, column(mean)), held); // [batch, count, bins + 1]
    const each = weights
      ? tf.reshape(tf.tile(tf.expandDims(weights, 1), [1, heads, 1]), [batch, 1, count])
      : tf.ones([batch, 1, count]);
    const sums = tf.reshape(batchMatMul(each, risen), [batch, bins + 1]);
    const mass = tf.sub(tf.slice(sums, [0, 1], [batch, bins]), tf.slice(sums, [0, 0], [batch, bins]));
    return tf.relu(tf.mul(mass, 0.5)) as tf.Tensor2D; // rounding may leave a bin just below 0
  });
}

function normalRise(distance: tf.Tensor, variance: tf.Tensor): tf.Tensor {
  return erf(tf.mul(distance, tf.rsqrt(tf.mul(variance, 2))));
}

function parabolaRise(distance: tf.Tensor, variance: tf.Tensor): tf.Tensor {
  const z = tf.clipByValue(tf.mul(distance, tf.pow(tf.mul(variance, 1.5), -1 / 3)), -1, 1);
  return tf.mul(z, tf.sub(1.5, tf.mul(tf.square(z), 0.5)));
}

function biweightRise(distance: tf.Tensor, variance: tf.Tensor): tf.Tensor {
  const scale = tf.pow(tf.mul(variance, Math.sqrt(15)), -0.4);
  const z = tf.clipByValue(tf.mul(distance, scale), -1, 1);
  const square = tf.square(z);
  return tf.mul(z, tf.add(1.875, tf.mul(square, tf.sub(tf.mul(square, 0.375), 1.25))));
}

const rises: Readonly<Record<LocationScaleFamily, typeof normalRise>> = {
  gaussian: normalRise,
  "truncated-parabola": parabolaRise,
  biweight: biweightRise,
};
