import * as tf from "@tensorflow/tfjs-core";

/**
 * `positions − mean`, exact to a rounding of the result: positions that float32
 * does not hold are taken as a sum of two numbers, so that a density far
 * narrower than the spacing of float32 still knows on which side it lies.
 *
 * @param mean `[rows, 1]`. @returns `[rows, positions]`, owned by the caller.
 */
export function distances(positions: ArrayLike<number>, mean: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const near = Float32Array.from(positions);
    const rest = Float32Array.from(positions, (position, i) => position - (near[i] as number));
    return tf.add(tf.sub(tf.tensor1d(near), mean), tf.tensor1d(rest)) as tf.Tensor2D;
  });
}

/** 1 where `x` is below `border`, else 0. */
export function below(x: tf.Tensor, border: tf.Tensor | number): tf.Tensor {
  return tf.tidy(() => tf.cast(tf.less(x, border), "float32"));
}
