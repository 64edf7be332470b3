import { withGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { BasisGrid } from "./basis-grid.js";
import { parabolaExpectation, parabolaExpectationDerivatives } from "./parabola-expectation.js";
import { sumLast } from "./sum-last.js";
import { type ParabolaInput, parabolaHalfWidth } from "./truncated-parabola.js";

/**
 * Expected value of signals under truncated parabolas, `Σ_j E_p[ψ_j] value_j`,
 * width by width, so that never more than one width's `[queries, C]` arrays
 * are at work. Backward, the expectations are at hand and their derivatives
 * are computed then; inference pays for neither.
 *
 * @param mean `[batch, queries, 1]`, μ; batch counts rows and heads together.
 * @param variance `[batch, queries, 1]`, σ², the scale.
 * @param values per width `[batch, C, size]`: the values of its C functions.
 * @returns `[batch, queries, size]`, owned by the caller. Differentiable in all three.
 */
export function parabolaReadOut(
  mean: tf.Tensor3D,
  variance: tf.Tensor3D,
  values: readonly tf.Tensor3D[],
  grid: BasisGrid,
): tf.Tensor3D {
  return withGradient<tf.Tensor3D>([mean, variance, ...values], (save) => {
    const expected = parabolas(mean, variance, grid).map(parabolaExpectation) as tf.Tensor3D[];
    save([mean, variance, ...values, ...expected]);
    return {
      value: tf.addN(expected.map((r, k) => tf.matMul(r, values[k] as tf.Tensor3D))) as tf.Tensor3D,
      gradient: (cotangent, saved) => backward(cotangent, saved as tf.Tensor3D[], grid),
    };
  });
}

/** One input per width. */
function parabolas(
  mean: tf.Tensor3D,
  variance: tf.Tensor3D,
  { centers, widths }: BasisGrid,
): ParabolaInput[] {
  const distance = tf.sub(mean, tf.tensor1d([...centers]));
  const halfWidth = parabolaHalfWidth(variance);
  return widths.map((width) => ({ distance, halfWidth, width }));
}

/** Gradients in mean, variance and the values of each width. */
function backward(cotangent: tf.Tensor3D, saved: tf.Tensor3D[], grid: BasisGrid): tf.Tensor[] {
  const [mean, variance, ...rest] = saved as [tf.Tensor3D, tf.Tensor3D, ...tf.Tensor3D[]];
  const [values, expected] = [rest.slice(0, grid.widths.length), rest.slice(grid.widths.length)];
  const slopes = parabolas(mean, variance, grid).map((input, k) =>
    tf.tidy(() => {
      const share = tf.matMul(cotangent, values[k] as tf.Tensor3D, false, true); // cotangent of r
      const { byMean, byVariance } = parabolaExpectationDerivatives(input);
      return [sumLast(tf.mul(share, byMean)), sumLast(tf.mul(share, byVariance))];
    }),
  ) as [tf.Tensor, tf.Tensor][];
  return [
    tf.addN(slopes.map(([byMean]) => byMean)),
    tf.addN(slopes.map(([, byVariance]) => byVariance)),
    ...expected.map((r) => tf.matMul(r, cotangent, true, false)),
  ];
}
