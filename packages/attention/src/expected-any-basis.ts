import type { Basis, LocationScaleFamily } from "@infinite-former/signal";
import { withGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { expectationOf } from "./expectation-of.js";
import { sumLast } from "./sum-last.js";

/** `E_p[ψ]` of any basis under any family: `[rows, 1]` means and scales → `[rows, N]`, with its own gradient. */
export function expectedAnyBasis(
  mean: tf.Tensor2D,
  variance: tf.Tensor2D,
  basis: Basis,
  family: LocationScaleFamily,
): tf.Tensor2D {
  const expectation = expectationOf(basis, family);
  return withGradient<tf.Tensor2D>([mean, variance], (save) => {
    save([mean, variance]);
    return {
      value: expectation.value({ mean, variance }) as tf.Tensor2D,
      gradient: (cotangent, saved) => {
        const [m, v] = saved as [tf.Tensor2D, tf.Tensor2D];
        const { byMean, byVariance } = expectation.derivatives({ mean: m, variance: v });
        return [sumLast(tf.mul(cotangent, byMean)), sumLast(tf.mul(cotangent, byVariance))];
      },
    };
  });
}
