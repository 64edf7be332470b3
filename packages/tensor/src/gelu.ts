import * as tf from "@tensorflow/tfjs-core";
import { fusedActivation, hasFusedActivation } from "./activate.js";
import { withGradient } from "./custom-gradient.js";

/**
 * Gaussian error linear unit, exact: `x Φ(x) = x (1 + erf(x/√2))/2`.
 * @param x any shape. @returns that shape, owned by the caller. Differentiable.
 * @see Hendrycks & Gimpel (2016), https://arxiv.org/abs/1606.08415
 */
export function geluErf<T extends tf.Tensor>(x: T): T {
  if (hasFusedActivation()) return fusedActivation(x, "gelu-erf");
  return withGradient<T>([x], (save) => {
    const cdf = tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))));
    save([x, cdf]);
    return {
      value: tf.mul(x, cdf),
      gradient: (cotangent, saved) => {
        const [input, mass] = saved as [T, tf.Tensor];
        const density = tf.mul(tf.exp(tf.mul(tf.square(input), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return [tf.mul(cotangent, tf.add(mass, tf.mul(input, density)))];
      },
    };
  });
}

const slope = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;

/**
 * Its tanh approximation, GPT-2's: `x (1 + tanh(√(2/π) (x + 0.044715 x³)))/2`.
 * @param x any shape. @returns that shape, owned by the caller. Differentiable.
 */
export function geluTanh<T extends tf.Tensor>(x: T): T {
  if (hasFusedActivation()) return fusedActivation(x, "gelu-tanh");
  return withGradient<T>([x], (save) => {
    const inner = tf.mul(x, tf.add(slope, tf.mul(tf.square(x), slope * cubic)));
    const bent = tf.tanh(inner);
    save([x, bent]);
    return {
      value: tf.mul(tf.mul(x, 0.5), tf.add(1, bent)),
      gradient: (cotangent, saved) => {
        const [input, t] = saved as [T, tf.Tensor];
        const steep = tf.add(slope, tf.mul(tf.square(input), 3 * slope * cubic));
        const rising = tf.mul(tf.mul(input, tf.sub(1, tf.square(t))), steep);
        return [tf.mul(cotangent, tf.mul(0.5, tf.add(tf.add(1, t), rising)))];
      },
    };
  });
}
