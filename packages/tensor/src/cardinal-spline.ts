import * as tf from "@tensorflow/tfjs-core";

/**
 * The cardinal cubic B-spline `β(x) = (2 − |x|)₊³/6 − 4 (1 − |x|)₊³/6`, or its
 * first or second derivative, element by element.
 *
 * @returns the shape of `x`, owned by the caller. No gradient to rely on: ask for the derivative.
 */
export function cardinalSpline<T extends tf.Tensor>(x: T, derivative: 0 | 1 | 2 = 0): T {
  return tf.tidy(() => {
    const size = tf.abs(x);
    const [far, near] = [tf.relu(tf.sub(2, size)), tf.relu(tf.sub(1, size))];
    if (derivative === 2) return tf.sub(far, tf.mul(near, 4)) as T;
    if (derivative === 1) {
      const squares = tf.sub(tf.mul(tf.square(near), 4), tf.square(far));
      return tf.mul(tf.mul(squares, 0.5), tf.sign(x)) as T;
    }
    const cubes = tf.sub(tf.mul(far, tf.square(far)), tf.mul(tf.mul(near, tf.square(near)), 4));
    return tf.mul(cubes, 1 / 6) as T;
  });
}
