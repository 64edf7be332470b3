import { gaussLegendre, type LegendreBasis } from "@infinite-former/signal";
import { legendreFunctions, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { below } from "./distances.js";
import type { Expectation, PlaceAndScale } from "./expectation.js";
import { sumLast } from "./sum-last.js";
import type { TensorKernel } from "./tensor-kernel.js";

/** Points of the rule beyond the ⌈N/2⌉ that the polynomials need, for the density: 1e-7 for a normal one. */
const POINTS = 24;

/**
 * Legendre polynomials under densities by Gauss–Legendre quadrature with
 * `24 + ⌈N/2⌉` points over the part of [0, 1] that the density reaches (six
 * deviations of a normal density), to 1e-6 of the largest value in float32.
 * Exact for truncated parabolas and biweights. Mass outside [0, 1] is lost.
 *
 * Positions are held as distances from both ends, so that nothing is lost at
 * either. Derivatives in the two forms of `expectedByQuadrature` of the signal
 * package; narrow is a scale below 1/N.
 */
export function legendreExpectation(kernel: TensorKernel, { count }: LegendreBasis): Expectation {
  return {
    value: (densities) =>
      tf.tidy(() => {
        const { u, weight, position, rest } = nodes(kernel, count, densities);
        const mass = tf.mul(kernel.value(u), weight);
        const columns = legendreFunctions(position, rest, count, ({ value }) => sumLast(tf.mul(value, mass)));
        return tf.concat(columns, 1);
      }),
    derivatives: (densities) => tidyTree(() => derivatives(kernel, count, densities)),
  };
}

function derivatives(kernel: TensorKernel, count: number, densities: PlaceAndScale) {
  const { u, weight, position, rest, low, high, scale } = nodes(kernel, count, densities);
  const narrow = below(scale, 1 / count);
  const wide = tf.sub(1, narrow);
  const part = (x: tf.Tensor, side: tf.Tensor): tf.Tensor => tf.mul(tf.mul(x, weight), side);
  const mass = part(kernel.value(u), narrow);
  const bend = part(kernel.bend(u), narrow);
  const steep = part(kernel.slope(u), tf.div(wide, scale));
  const tilt = part(kernel.tilt(u), tf.div(tf.div(wide, scale), scale));
  const columns = legendreFunctions(
    position,
    rest,
    count,
    (at) =>
      tf.tidy(() => {
        const byMean = tf.sub(tf.mul(at.slope, mass), tf.mul(at.value, steep));
        const byVariance = tf.sub(tf.mul(at.bend, bend), tf.mul(at.value, tilt));
        return tf.stack([sumLast(byMean), sumLast(byVariance)]); // [2, rows, 1]
      }),
    true,
  );
  const [first, second] = tf.unstack(tf.concat(columns, 2)) as [tf.Tensor, tf.Tensor];
  const ends = endTerms(kernel, count, { low, high, scale });
  return {
    byMean: tf.add(first, tf.mul(ends.byMean, narrow)),
    byVariance: tf.mul(tf.add(second, tf.mul(ends.byVariance, narrow)), kernel.lift(scale)),
  };
}

/** What the jumps at 0 and 1 add: `−[kψ]/s` by μ, `−[ukψ]/s² − [Kψ′]/s` by σ² but for the lift. */
function endTerms(
  kernel: TensorKernel,
  count: number,
  { low, high, scale }: Pick<Nodes, "low" | "high" | "scale">,
): { readonly byMean: tf.Tensor; readonly byVariance: tf.Tensor } {
  const row = (f: (n: number) => number): tf.Tensor1D =>
    tf.tensor1d(Float32Array.from({ length: count }, (_, n) => f(n) * Math.sqrt(2 * n + 1)));
  const sign = (n: number): number => (n % 2 === 0 ? 1 : -1);
  const ends = [
    { u: high, side: -1, value: row(() => 1), slope: row((n) => n * (n + 1)) },
    { u: low, side: 1, value: row(sign), slope: row((n) => -sign(n) * n * (n + 1)) },
  ].map(({ u, side, value, slope }) => {
    const there = tf.mul(below(tf.abs(u), kernel.reach), side); // the density reaches this end
    const k = tf.div(tf.mul(kernel.value(u), there), scale);
    const bend = tf.div(tf.mul(kernel.bend(u), there), scale);
    const byVariance = tf.add(tf.mul(tf.div(tf.mul(u, k), scale), value), tf.mul(bend, slope));
    return { byMean: tf.mul(k, value), byVariance };
  }) as [{ byMean: tf.Tensor; byVariance: tf.Tensor }, { byMean: tf.Tensor; byVariance: tf.Tensor }];
  return {
    byMean: tf.add(ends[0].byMean, ends[1].byMean),
    byVariance: tf.add(ends[0].byVariance, ends[1].byVariance),
  };
}

/** Points of the rule for each density. */
interface Nodes {
  /** `[rows, points]` */
  readonly u: tf.Tensor;
  /** `[rows, points]`, du included. */
  readonly weight: tf.Tensor;
  /** `[rows, points]`: t and 1 − t. */
  readonly position: tf.Tensor;
  readonly rest: tf.Tensor;
  /** `[rows, 1]`: u where the rule starts and ends. */
  readonly low: tf.Tensor;
  readonly high: tf.Tensor;
  readonly scale: tf.Tensor;
}

function nodes(kernel: TensorKernel, count: number, { mean, variance }: PlaceAndScale): Nodes {
  const rule = gaussLegendre(POINTS + Math.ceil(count / 2));
  const row = (f: (x: number) => number): tf.Tensor1D => tf.tensor1d(Float32Array.from(rule.nodes, f));
  const scale = kernel.scale(variance);
  const left = tf.sub(1, mean);
  const held = (x: tf.Tensor): tf.Tensor => tf.clipByValue(tf.div(x, scale), -kernel.reach, kernel.reach);
  const [low, high] = [held(tf.neg(mean)), held(left)];
  const length = tf.sub(high, low);
  const reach = tf.mul(scale, kernel.reach);
  const [before, after] = [tf.relu(tf.sub(mean, reach)), tf.relu(tf.sub(left, reach))];
  const [forth, back] = [row((x) => (1 + x) / 2), row((x) => (1 - x) / 2)];
  const [ahead, behind] = [tf.mul(length, forth), tf.mul(length, back)];
  return {
    u: tf.add(low, ahead),
    weight: tf.mul(length, tf.tensor1d(Float32Array.from(rule.weights, (w) => w / 2))),
    position: tf.add(before, tf.mul(ahead, scale)),
    rest: tf.add(after, tf.mul(behind, scale)),
    low,
    high,
    scale,
  };
}
