import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "./custom-gradient.js";

/** Numerator and denominator of `erf(x)/x` in powers of x², highest first: Eigen's float32 approximation. */
const numerator = [
  -2.72614225801306e-10, 2.77068142495902e-8, -2.10102402082508e-6, -5.69250639462346e-5,
  -7.34990630326855e-4, -2.95459980854025e-3, -1.60960333262415e-2,
];
const denominator = [
  -1.45660718464996e-5, -2.13374055278905e-4, -1.68282697438203e-3, -7.37332916720468e-3,
  -1.42647390514189e-2,
];
/** From here on erf is 1 in float32. */
const saturation = 4;

/** Backends whose Erf kernel keeps a relative error of a few 1e-7; the others' is wrong by 1.7e-7 even near 0. */
const exactBackends: ReadonlySet<string> = new Set(["tensorflow", "wasm"]);

/**
 * The error function, with a relative error below 5e-7 on every backend: also
 * where its values are small, so that differences of neighbouring arguments
 * keep their digits. (`tf.erf` on the cpu backend does not.)
 *
 * @param x any shape; infinity gives ±1.
 * @returns the shape of `x`, owned by the caller. Differentiable.
 */
export function erf<T extends tf.Tensor>(x: T): T {
  return withGradient<T>([x], (save) => {
    save([x]);
    return {
      value: exactBackends.has(tf.getBackend()) ? tf.erf(x) : rational(x),
      gradient: (cotangent, [input]) => {
        const slope = tf.mul(tf.exp(tf.neg(tf.square(input as T))), 2 / Math.sqrt(Math.PI));
        return [tf.mul(cotangent, slope)];
      },
    };
  });
}

function rational<T extends tf.Tensor>(x: T): T {
  const held = tf.clipByValue(x, -saturation, saturation);
  const square = tf.square(held);
  const polynomial = (terms: readonly number[]): tf.Tensor =>
    terms.reduce<tf.Tensor>((sum, term) => tf.add(tf.mul(sum, square), term), tf.zerosLike(square));
  return tf.div(tf.mul(held, polynomial(numerator)), polynomial(denominator));
}
