import type { GaussianBasis } from "@infinite-former/signal";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Every basis function at positions that are tensors themselves:
 * `ψ_j(t) = N(t; center_j, width_j²)`.
 *
 * @param positions `[batch, positions]`. Borrowed.
 * @returns `[batch, positions, basis]`, owned by the caller.
 */
export function basisValues(basis: GaussianBasis, positions: tf.Tensor2D): tf.Tensor3D {
  return tf.tidy(() => {
    const centers = tf.tensor1d(Float32Array.from(basis.centers));
    const steepness = tf.tensor1d(Float32Array.from(basis.widths, (width) => Math.SQRT1_2 / width));
    const peaks = tf.tensor1d(
      Float32Array.from(basis.widths, (width) => 1 / (width * Math.sqrt(2 * Math.PI))),
    );
    const distance = tf.mul(tf.sub(tf.expandDims(positions, -1), centers), steepness);
    return tf.mul(tf.exp(tf.neg(tf.square(distance))), peaks) as tf.Tensor3D;
  });
}
