import { type BsplineBasis, splineDifferences } from "@infinite-former/signal";
import { cardinalSpline, erf, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { type Cell, cellQuadrature } from "./cell-quadrature.js";
import { distances } from "./distances.js";
import type { Expectation, PlaceAndScale } from "./expectation.js";
import { sides } from "./sides.js";
import type { TensorKernel } from "./tensor-kernel.js";

/** Normal densities below this many knot distances take the closed form. */
const BORDER = 0.5;

/** In truncated powers a normal density ends after so many deviations. */
const REACH = 6;

/**
 * Cubic B-splines under densities, knot interval by knot interval: four points
 * in each are exact for truncated parabolas and biweights, and six leave 1e-9
 * for normal densities; normal densities narrower than half a knot interval,
 * for which that would be too coarse, by {@link truncatedPowers}.
 */
export function bsplineExpectation(
  kernel: TensorKernel,
  basis: BsplineBasis,
  hasBoundedSupport: boolean,
): Expectation {
  const { centers, spacing, scale, count } = basis;
  const fill = (value: number): Float64Array => new Float64Array(count).fill(value);
  const cells = [-1.5, -0.5, 0.5, 1.5].map(
    (offset): Cell => ({
      centers: Float64Array.from(centers, (center) => center + offset * spacing),
      halves: fill(spacing / 2),
      units: fill(spacing),
      offset,
    }),
  );
  const quadrature = cellQuadrature(kernel, {
    cells,
    shape: cardinalSpline,
    sizes: fill(scale),
    borders: fill(spacing),
    points: hasBoundedSupport ? 4 : 6,
  });
  if (hasBoundedSupport) return quadrature;
  const border = kernel.variance(BORDER * spacing);
  return {
    value: (densities) =>
      tf.tidy(() => {
        const { narrow, wide, isNarrow, isWide } = sides(densities, border);
        const closed = tf.mul(truncatedPowers(kernel, basis, narrow, 0), isNarrow);
        return tf.add(closed, tf.mul(quadrature.value(wide), isWide));
      }),
    derivatives: (densities) =>
      tidyTree(() => {
        const { narrow, wide, isNarrow, isWide } = sides(densities, border);
        const { byMean, byVariance } = quadrature.derivatives(wide);
        const slope = tf.mul(truncatedPowers(kernel, basis, narrow, 1), isNarrow);
        const bend = tf.mul(truncatedPowers(kernel, basis, narrow, 2), tf.mul(isNarrow, 0.5));
        return {
          byMean: tf.add(slope, tf.mul(byMean, isWide)),
          byVariance: tf.add(bend, tf.mul(byVariance, isWide)),
        };
      }),
  };
}

/**
 * `E[ψ]`, `E[ψ′]` or `E[ψ″]` under normal densities as fourth differences of
 * expected truncated powers; see `expectedValues` of the signal package. On the
 * side of the spline where the powers are at most 2, with normal tails cut off
 * after six deviations.
 */
function truncatedPowers(
  kernel: TensorKernel,
  { centers, spacing, scale }: BsplineBasis,
  { mean, variance }: PlaceAndScale,
  derivative: 0 | 1 | 2,
): tf.Tensor {
  const x = tf.mul(distances(centers, mean), -1 / spacing);
  const s = tf.mul(kernel.scale(variance), 1 / spacing);
  const left = tf.neg(tf.abs(x));
  const terms = splineDifferences.map(({ offset, weight }) =>
    tf.tidy(() => {
      const y = tf.maximum(tf.add(left, offset), tf.mul(s, -REACH)); // [rows, N]
      const u = tf.div(y, s);
      const mass = tf.mul(tf.add(erf(tf.mul(u, Math.SQRT1_2)), 1), 0.5);
      const edge = tf.mul(s, kernel.value(u));
      const square = tf.square(s);
      if (derivative === 2) return tf.mul(tf.add(tf.mul(y, mass), edge), 6 * weight);
      if (derivative === 1) {
        const second = tf.add(tf.mul(tf.add(tf.square(y), square), mass), tf.mul(y, edge));
        return tf.mul(second, 3 * weight);
      }
      const cube = tf.mul(tf.mul(y, tf.add(tf.square(y), tf.mul(square, 3))), mass);
      const rest = tf.mul(tf.add(tf.square(y), tf.mul(square, 2)), edge);
      return tf.mul(tf.add(cube, rest), weight);
    }),
  );
  const sum = tf.mul(tf.addN(terms), scale / spacing ** derivative);
  return derivative === 1 ? tf.mul(sum, tf.neg(tf.sign(x))) : sum;
}
