import { withGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { BasisGrid } from "./basis-grid.js";
import { sumLast } from "./sum-last.js";

/**
 * Expected value of signals under Gaussian densities, `Σ_j E_p[ψ_j] value_j`,
 * without the `[queries, N]` array of expected basis values.
 *
 * Of `E_p[ψ_j] = peak · exp(−D²/(2S))` only the exponential depends on the
 * centre: `D = μ − center` is shared by all widths, and `S = σ² + width²` and
 * the peak by all centres. So each width takes one product of exponentials and
 * values, scaled by its peak afterwards: three passes over `[queries, N]` in
 * place of ten, and five in place of seven backward.
 *
 * @param mean `[batch, queries, 1]`, μ; batch counts rows and heads together.
 * @param variance `[batch, queries, 1]`, σ².
 * @param values per width `[batch, C, size]`: the values of its C functions.
 * @returns `[batch, queries, size]`, owned by the caller. Differentiable in all three.
 */
export function gaussianReadOut(
  mean: tf.Tensor3D,
  variance: tf.Tensor3D,
  values: readonly tf.Tensor3D[],
  { centers, widths }: BasisGrid,
): tf.Tensor3D {
  return withGradient<tf.Tensor3D>([mean, variance, ...values], (save) => {
    const distance: tf.Tensor3D = tf.sub(mean, tf.tensor1d([...centers])); // D
    const squared = tf.square(distance);
    const parts = widths.map((width, k) => {
      const inverse = tf.reciprocal(tf.add<tf.Tensor3D>(variance, width * width)); // 1/S
      const peak = tf.sqrt(tf.mul<tf.Tensor3D>(inverse, 1 / (2 * Math.PI)));
      const bell = tf.exp(tf.mul<tf.Tensor3D>(squared, tf.mul(inverse, -0.5)));
      const value = values[k] as tf.Tensor3D;
      return { inverse, peak, bell, value, read: tf.matMul(bell, value) as tf.Tensor3D };
    });
    save([
      distance,
      ...parts.flatMap(({ inverse, peak, bell, value, read }) => [inverse, peak, bell, value, read]),
    ]);
    return {
      value: tf.addN(parts.map(({ read, peak }) => tf.mul(read, peak))) as tf.Tensor3D,
      gradient: (cotangent, saved) => backward(cotangent, saved as tf.Tensor3D[]),
    };
  });
}

/** Gradients in mean, variance and the values of each width. */
function backward(cotangent: tf.Tensor3D, [distance, ...saved]: tf.Tensor3D[]): tf.Tensor[] {
  const byWidth = Array.from({ length: saved.length / 5 }, (_, k) => {
    const [inverse, peak, bell, value, read] = saved.slice(5 * k, 5 * k + 5) as FivePerWidth;
    const scaled = tf.mul(cotangent, peak);
    const share = tf.mul(tf.matMul(scaled, value, false, true), bell); // cotangent of log r, [batch, queries, C]
    const first = tf.mul<tf.Tensor3D>(share, distance as tf.Tensor3D);
    const second = tf.mul<tf.Tensor3D>(first, distance as tf.Tensor3D);
    const total = tf.sum(tf.mul(scaled, read), -1, true); // = Σ share, from the smaller array
    const curved = tf.sub(tf.mul(inverse, sumLast(second)), total);
    return {
      mean: tf.mul(tf.mul(inverse, -1), sumLast(first)),
      variance: tf.mul(tf.mul(inverse, 0.5), curved),
      value: tf.matMul(bell, scaled, true, false),
    };
  });
  return [
    tf.addN(byWidth.map(({ mean }) => mean)),
    tf.addN(byWidth.map(({ variance }) => variance)),
    ...byWidth.map(({ value }) => value),
  ];
}

type FivePerWidth = [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
