import type { GaussianBasis } from "@infinite-former/signal";
import { withGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { parabolaExpectation, parabolaExpectationDerivatives } from "./parabola-expectation.js";
import { sumLast } from "./sum-last.js";
import { type ParabolaInput, parabolaHalfWidth } from "./truncated-parabola.js";

/** `E_p[ψ]` under truncated parabolas: `[rows, 1]` means and scales → `[rows, N]`, with its own gradient. */
export function expectedParabolaBasis(
  mean: tf.Tensor2D,
  variance: tf.Tensor2D,
  basis: GaussianBasis,
): tf.Tensor2D {
  return withGradient<tf.Tensor2D>([mean, variance], (save) => {
    save([mean, variance]);
    return {
      value: parabolaExpectation(parabolas(mean, variance, basis)) as tf.Tensor2D,
      gradient: (cotangent, saved) => {
        const [m, v] = saved as [tf.Tensor2D, tf.Tensor2D];
        const { byMean, byVariance } = parabolaExpectationDerivatives(parabolas(m, v, basis));
        return [sumLast(tf.mul(cotangent, byMean)), sumLast(tf.mul(cotangent, byVariance))];
      },
    };
  });
}

function parabolas(mean: tf.Tensor2D, variance: tf.Tensor2D, basis: GaussianBasis): ParabolaInput {
  return {
    distance: tf.sub(mean, tf.tensor1d(Float32Array.from(basis.centers))),
    halfWidth: parabolaHalfWidth(variance),
    width: tf.tensor1d(Float32Array.from(basis.widths)),
  };
}
