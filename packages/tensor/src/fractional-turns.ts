import * as tf from "@tensorflow/tfjs-core";

/** Places are cut here: multiples of 1/4096 times a frequency below 4096 are exact in float32. */
const GRID = 4096;

/**
 * `k·x` less its nearest whole number, for every frequency k: the phase of a
 * wave in turns, to 1e-7 for whole k below 4096 and |x| ≤ 1, where `k·x` itself
 * would be off by k roundings of x.
 *
 * @param x `[…, 1]` places, in periods.
 * @param frequencies `[N]` whole numbers.
 * @returns `[…, N]` in [−½, ½], owned by the caller; a constant to gradients in effect (use the derivative of the wave).
 */
export function fractionalTurns(x: tf.Tensor, frequencies: ArrayLike<number>): tf.Tensor {
  return tf.tidy(() => {
    const k = tf.tensor1d(Float32Array.from(frequencies));
    const coarse = tf.mul(tf.floor(tf.add(tf.mul(x, GRID), 0.5)), 1 / GRID);
    const whole = tf.mul(coarse, k);
    const fine = tf.mul(tf.sub(x, coarse), k);
    const turns = tf.add(tf.sub(whole, tf.floor(tf.add(whole, 0.5))), fine);
    return tf.sub(turns, tf.floor(tf.add(turns, 0.5)));
  });
}
