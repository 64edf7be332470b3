import * as tf from "@tensorflow/tfjs-core";
import { below } from "./distances.js";

/** Up to here the series, beyond it the closed form. */
const BORDER = 4;
/** Terms of the series: the first left out is below 1e-9 at the border. */
const TERMS = 16;
/** Larger arguments count as this: the ratio is below 1e-12 by then. */
const FAR = 1e6;

/**
 * `(2n + 1)!! j_n(z)/zⁿ`, n = 1, 2, 3: characteristic functions of the truncated
 * parabola and the biweight; see `besselRatio` of the signal package.
 *
 * @param z ≥ 0, any shape. @returns its shape, owned by the caller. No gradient of its own.
 */
export function besselRatio(order: 1 | 2 | 3, z: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const isNear = below(z, BORDER);
    const square = tf.mul(tf.square(tf.minimum(z, BORDER)), -0.5);
    let series: tf.Tensor = tf.onesLike(square);
    for (let k = TERMS; k >= 1; k--) {
      series = tf.add(tf.mul(series, tf.mul(square, 1 / (k * (2 * order + 2 * k + 1)))), 1);
    }
    const far = closed(order, tf.clipByValue(z, BORDER, FAR));
    return tf.add(tf.mul(series, isNear), tf.mul(far, tf.sub(1, isNear)));
  });
}

function closed(order: 1 | 2 | 3, z: tf.Tensor): tf.Tensor {
  const [sine, cosine, inverse] = [tf.sin(z), tf.cos(z), tf.reciprocal(z)];
  const square = tf.square(inverse);
  if (order === 1) return tf.mul(tf.mul(square, 3), tf.sub(tf.mul(sine, inverse), cosine));
  const power = tf.mul(square, tf.mul(inverse, 15));
  if (order === 2) {
    const first = tf.mul(tf.sub(tf.mul(square, 3), 1), sine);
    return tf.mul(power, tf.sub(first, tf.mul(tf.mul(inverse, 3), cosine)));
  }
  const first = tf.mul(tf.mul(inverse, tf.sub(tf.mul(square, 15), 6)), sine);
  const second = tf.mul(tf.sub(tf.mul(square, 15), 1), cosine);
  return tf.mul(tf.mul(tf.mul(power, inverse), 7), tf.sub(first, second));
}
