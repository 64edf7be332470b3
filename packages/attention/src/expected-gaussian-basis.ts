import type { GaussianBasis } from "@infinite-former/signal";
import { withGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { sumLast } from "./sum-last.js";

/**
 * `E_p[ψ]` under Gaussian densities: `[rows, 1]` means and variances → `[rows, N]`.
 *
 * Carries its own gradient in the form that keeps its digits for narrow
 * densities: with `S = σ² + width_j²` and `D = μ − center_j`,
 * `dr/dμ = −r D/S` and `dr/dσ² = r (D²/S² − 1/S)/2`.
 */
export function expectedGaussianBasis(
  mean: tf.Tensor2D,
  variance: tf.Tensor2D,
  basis: GaussianBasis,
): tf.Tensor2D {
  return withGradient<tf.Tensor2D>([mean, variance], (save) => {
    const centers = tf.tensor1d(Float32Array.from(basis.centers));
    const squares = tf.tensor1d(Float32Array.from(basis.widths, (width) => width * width));
    const inverse = tf.reciprocal(tf.add(variance, squares)); // 1/S
    const distance = tf.sub(mean, centers); // D
    const slope = tf.mul(distance, inverse); // D/S
    const peak = tf.sqrt(tf.mul(inverse, 1 / (2 * Math.PI)));
    const value: tf.Tensor2D = tf.mul(tf.exp(tf.mul(tf.mul(distance, slope), -0.5)), peak);
    save([inverse, slope, value]);
    return {
      value,
      gradient: (cotangent, saved) => {
        const [byTotal, ratio, r] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
        const weighted = tf.mul<tf.Tensor2D>(cotangent, r);
        const curved = tf.sub(tf.square(ratio), byTotal);
        return [sumLast(tf.mul(weighted, ratio), -1), sumLast(tf.mul(weighted, curved), 0.5)];
      },
    };
  });
}
