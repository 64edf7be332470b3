import { gaussLegendre } from "@infinite-former/signal";
import { tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { below, distances } from "./distances.js";
import type { Expectation, PlaceAndScale } from "./expectation.js";
import type { TensorKernel } from "./tensor-kernel.js";

/** One smooth piece of each of N functions: an interval, and what the function is there. */
export interface Cell {
  /** `[N]` middle of the interval. */
  readonly centers: ArrayLike<number>;
  /** `[N]` half its length. */
  readonly halves: ArrayLike<number>;
  /** `[N]` positions per unit of the argument y. */
  readonly units: ArrayLike<number>;
  /** y in the middle of the interval. */
  readonly offset: number;
}

/** N functions as shifted and stretched copies of one, `ψ_j = size_j · shape(y)`, in smooth pieces. */
export interface CellFunctions {
  readonly cells: readonly Cell[];
  /** The shape, or a derivative of it, at y. */
  readonly shape: (y: tf.Tensor, derivative: 0 | 1 | 2) => tf.Tensor;
  /** `[N]` */
  readonly sizes: ArrayLike<number>;
  /** `[N]` densities of a scale below this are narrow. */
  readonly borders: ArrayLike<number>;
  /** Points of the Gauss–Legendre rule in a cell. */
  readonly points: number;
}

/**
 * Expected values by Gauss–Legendre quadrature in each cell, as far as the
 * density reaches: exact where shape and kernel are polynomials of total degree
 * below twice the points. Values add up without cancelling. Derivatives as in
 * `expectedByQuadrature` of the signal package: by those of the functions where
 * the density is narrow, of the density where it is wide.
 */
export function cellQuadrature(kernel: TensorKernel, functions: CellFunctions): Expectation {
  const { sizes } = functions;
  const row = (values: ArrayLike<number>): tf.Tensor1D => tf.tensor1d(Float32Array.from(values));
  return {
    value: (densities) =>
      tf.tidy(() => {
        const [sum] = overNodes(kernel, functions, densities, ({ u, y }) => [
          tf.mul(kernel.value(u), functions.shape(y, 0)),
        ]) as [tf.Tensor];
        return tf.mul(sum, row(sizes));
      }),
    derivatives: (densities) =>
      tidyTree(() => {
        const scale = kernel.scale(densities.variance);
        const units = row((functions.cells[0] as Cell).units);
        const narrow = below(scale, row(functions.borders));
        const wide = tf.sub(1, narrow);
        const [bySlope, byBend] = [tf.div(narrow, units), tf.div(narrow, tf.square(units))];
        const [steep, bent] = [tf.div(wide, scale), tf.div(tf.div(wide, scale), scale)];
        const [first, second] = overNodes(kernel, functions, densities, ({ u, y }) => {
          const values = functions.shape(y, 0);
          const slopes = tf.mul(tf.mul(kernel.value(u), functions.shape(y, 1)), bySlope);
          const bends = tf.mul(tf.mul(kernel.bend(u), functions.shape(y, 2)), byBend);
          return [
            tf.sub(slopes, tf.mul(tf.mul(kernel.slope(u), values), steep)),
            tf.sub(bends, tf.mul(tf.mul(kernel.tilt(u), values), bent)),
          ];
        }) as [tf.Tensor, tf.Tensor];
        const sized = tf.mul(kernel.lift(scale), row(sizes));
        return { byMean: tf.mul(first, row(sizes)), byVariance: tf.mul(second, sized) };
      }),
  };
}

/** A node in every cell: where it is for the density and for the function, both `[rows, N]`. */
interface Node {
  readonly u: tf.Tensor;
  readonly y: tf.Tensor;
}

/** `∫ term du` of each term over all cells; holds one node's work at a time. */
function overNodes(
  kernel: TensorKernel,
  { cells, points }: CellFunctions,
  { mean, variance }: PlaceAndScale,
  terms: (node: Node) => tf.Tensor[],
): tf.Tensor[] {
  const { nodes, weights } = gaussLegendre(points);
  return tf.tidy(() => {
    const scale = kernel.scale(variance);
    let sums: tf.Tensor[] = [];
    for (const cell of cells) {
      const { middle, half, y, stretch } = reached(kernel, cell, mean, scale);
      for (let k = 0; k < points; k++) {
        sums = tf.tidy(() => {
          const at = nodes[k] as number;
          const node = { u: tf.add(middle, tf.mul(half, at)), y: tf.add(y, tf.mul(stretch, at)) };
          const weight = tf.mul(half, weights[k] as number);
          return terms(node).map((term, i) => {
            const part = tf.mul(term, weight);
            const sum = sums[i];
            return sum === undefined ? part : tf.add(sum, part);
          });
        });
      }
    }
    return sums;
  });
}

/**
 * The part of a cell that the density reaches: middle and half length in u, y
 * in the middle and its half length. A cell that lies inside whole has the
 * length and the y it has, without a difference that would round.
 */
function reached(
  { reach }: TensorKernel,
  { centers, halves, units, offset }: Cell,
  mean: tf.Tensor2D,
  scale: tf.Tensor,
): {
  readonly middle: tf.Tensor;
  readonly half: tf.Tensor;
  readonly y: tf.Tensor;
  readonly stretch: tf.Tensor;
} {
  const edges = (sign: number): number[] =>
    Array.from(centers, (center, j) => center + sign * (halves[j] as number));
  const ratio = Float32Array.from(halves, (half, j) => half / (units[j] as number));
  const row = (values: ArrayLike<number>): tf.Tensor1D => tf.tensor1d(Float32Array.from(values));
  const [from, to] = [tf.div(distances(edges(-1), mean), scale), tf.div(distances(edges(1), mean), scale)];
  const [low, high] = [tf.clipByValue(from, -reach, reach), tf.clipByValue(to, -reach, reach)];
  const whole = tf.mul(below(tf.neg(from), reach), below(to, reach));
  const cut = tf.sub(1, whole);
  const middle = tf.mul(tf.add(low, high), 0.5);
  const half = tf.add(tf.mul(tf.div(row(halves), scale), whole), tf.mul(tf.mul(tf.sub(high, low), 0.5), cut));
  const away = tf.div(tf.sub(tf.mul(middle, scale), distances(centers, mean)), row(units)); // y − offset
  return {
    middle,
    half,
    y: tf.add(tf.mul(away, cut), offset),
    stretch: tf.add(tf.mul(whole, row(ratio)), tf.mul(tf.mul(tf.div(half, row(units)), scale), cut)),
  };
}
