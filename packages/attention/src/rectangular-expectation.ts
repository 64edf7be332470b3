import type { RectangularBasis } from "@infinite-former/signal";
import { tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { cellQuadrature } from "./cell-quadrature.js";
import { below, distances } from "./distances.js";
import type { Expectation, PlaceAndScale } from "./expectation.js";
import { sides } from "./sides.js";
import type { TensorKernel } from "./tensor-kernel.js";

/**
 * Mass of densities in N equal cells, times √N: differences of the CDF at the
 * edges where cells are wider than the density's scale, quadrature over the
 * cells where they are narrower and differences would cancel. Mass outside
 * [0, 1] is lost.
 */
export function rectangularExpectation(
  kernel: TensorKernel,
  { count, centers, spacing }: RectangularBasis,
): Expectation {
  const height = Math.sqrt(count);
  const edges = Float64Array.from({ length: count + 1 }, (_, k) => k / count);
  const fill = (value: number): Float64Array => new Float64Array(count).fill(value);
  const quadrature = cellQuadrature(kernel, {
    cells: [{ centers, halves: fill(spacing / 2), units: fill(spacing), offset: 0 }],
    shape: (y, derivative) => (derivative === 0 ? tf.onesLike(y) : tf.zerosLike(y)),
    sizes: fill(height),
    borders: fill(0), // always by the density's derivatives
    points: 5,
  });
  /** u of every edge, held within reach, `[rows, N + 1]`. */
  const places = ({ mean }: PlaceAndScale, scale: tf.Tensor): tf.Tensor =>
    tf.clipByValue(tf.div(distances(edges, mean), scale), -kernel.reach, kernel.reach);
  const byCell = (x: tf.Tensor): tf.Tensor => {
    const rows = x.shape[0] as number;
    return tf.sub(tf.slice(x, [0, 1], [rows, count]), tf.slice(x, [0, 0], [rows, count]));
  };
  const border = kernel.variance(spacing);
  return {
    value: (densities) =>
      tf.tidy(() => {
        const { narrow, wide, isNarrow, isWide } = sides(densities, border);
        const masses = byCell(kernel.rise(places(narrow, kernel.scale(narrow.variance))));
        const closed = tf.mul(tf.mul(masses, height), isNarrow);
        return tf.add(closed, tf.mul(quadrature.value(wide), isWide));
      }),
    derivatives: (densities) =>
      tidyTree(() => {
        const { narrow, wide, isNarrow, isWide } = sides(densities, border);
        const scale = kernel.scale(narrow.variance);
        const u = places(narrow, scale);
        const k = tf.mul(kernel.value(u), below(tf.abs(u), kernel.reach));
        const first = tf.mul(byCell(k), tf.div(-height, scale));
        const second = tf.mul(
          byCell(tf.mul(u, k)),
          tf.mul(tf.div(tf.div(kernel.lift(scale), scale), scale), -height),
        );
        const other = quadrature.derivatives(wide);
        return {
          byMean: tf.add(tf.mul(first, isNarrow), tf.mul(other.byMean, isWide)),
          byVariance: tf.add(tf.mul(second, isNarrow), tf.mul(other.byVariance, isWide)),
        };
      }),
  };
}
