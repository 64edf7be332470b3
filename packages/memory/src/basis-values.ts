import type { Basis, GaussianBasis } from "@infinite-former/signal";
import { cardinalSpline, fractionalTurns, legendreFunctions } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Every basis function at positions that are tensors themselves, `ψ_j(t)`:
 * what `designMatrix` of the signal package gives, in float32.
 *
 * @param positions `[batch, positions]`. Borrowed.
 * @returns `[batch, positions, basis]`, owned by the caller.
 */
export function basisValues(basis: Basis, positions: tf.Tensor2D): tf.Tensor3D {
  return tf.tidy(() => {
    const column = tf.expandDims(positions, -1) as tf.Tensor3D;
    switch (basis.kind) {
      case "gaussian":
        return gaussian(basis, column);
      case "rectangular": {
        const last = basis.count - 1;
        const cells = tf.floor(tf.mul(column, basis.count));
        const inside = tf.relu(tf.sub(1, tf.mul(tf.abs(tf.sub(column, 0.5)), 2))); // above 0 within (0, 1)
        const ends = tf.logicalOr(tf.equal(column, 0), tf.equal(column, 1));
        const counts = tf.logicalOr(tf.greater(inside, 0), ends);
        const hit = tf.equal(tf.minimum(cells, last), tf.range(0, basis.count));
        return tf.mul(tf.cast(tf.logicalAnd(hit, counts), "float32"), Math.sqrt(basis.count));
      }
      case "fourier": {
        const { frequencies, period } = basis;
        const shift = Float32Array.from(frequencies, (_, j) => (j > 0 && j % 2 === 0 ? 0.25 : 0));
        const size = Float32Array.from(frequencies, (k) => (k === 0 ? 1 : Math.SQRT2));
        const turns = tf.sub(fractionalTurns(tf.mul(column, 1 / period), frequencies), tf.tensor1d(shift));
        return tf.mul(tf.cos(tf.mul(turns, 2 * Math.PI)), tf.tensor1d(size));
      }
      case "legendre": {
        const rest = tf.sub(1, column);
        const inside = tf.cast(tf.greaterEqual(tf.minimum(column, rest), 0), "float32");
        const held = [tf.clipByValue(column, 0, 1), tf.clipByValue(rest, 0, 1)] as const;
        const columns = legendreFunctions(...held, basis.count, ({ value }) => tf.clone(value));
        return tf.mul(tf.concat(columns, 2), inside);
      }
      case "bspline": {
        const centers = tf.tensor1d(Float32Array.from(basis.centers));
        const places = tf.mul(tf.sub(column, centers), 1 / basis.spacing);
        return tf.mul(cardinalSpline(places), basis.scale);
      }
    }
  });
}

/** `N(t; center_j, width_j²)` */
function gaussian(basis: GaussianBasis, column: tf.Tensor3D): tf.Tensor3D {
  const centers = tf.tensor1d(Float32Array.from(basis.centers));
  const steepness = tf.tensor1d(Float32Array.from(basis.widths, (width) => Math.SQRT1_2 / width));
  const peaks = tf.tensor1d(Float32Array.from(basis.widths, (width) => 1 / (width * Math.sqrt(2 * Math.PI))));
  const distance = tf.mul(tf.sub(column, centers), steepness);
  return tf.mul(tf.exp(tf.neg(tf.square(distance))), peaks) as tf.Tensor3D;
}
