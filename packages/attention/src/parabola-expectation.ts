import { tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { parabolaClosedForm, parabolaClosedFormDerivatives } from "./parabola-closed-form.js";
import { parabolaQuadrature, parabolaQuadratureDerivatives } from "./parabola-quadrature.js";
import type { ParabolaDerivatives, ParabolaInput } from "./truncated-parabola.js";

/** Half-width, in widths of the basis function, from which on the closed form is the more accurate one. */
const BORDER = 2;

/**
 * `E_p[ψ]` under truncated parabolas, within 3e-6 of the largest value in
 * float32: by quadrature where a density is narrow against the basis
 * functions, by the closed form where it is wide. Both are computed for all,
 * each with half-widths held on its own side of the border, so that both are
 * finite and no value need be read back.
 *
 * @returns `[…, C]`, owned by the caller. No gradient of its own: see `parabolaExpectationDerivatives`.
 */
export function parabolaExpectation(input: ParabolaInput): tf.Tensor {
  return tf.tidy(() => {
    const { closed, narrow, isWide, isNarrow } = sides(input);
    return tf.add(tf.mul(parabolaClosedForm(closed), isWide), tf.mul(parabolaQuadrature(narrow), isNarrow));
  });
}

/** The derivatives of `parabolaExpectation`, within 2e-6 and 2e-5 of their largest values. */
export function parabolaExpectationDerivatives(input: ParabolaInput): ParabolaDerivatives {
  return tidyTree(() => {
    const { closed, narrow, isWide, isNarrow } = sides(input);
    const [wide, near] = [parabolaClosedFormDerivatives(closed), parabolaQuadratureDerivatives(narrow)];
    return {
      byMean: tf.add(tf.mul(wide.byMean, isWide), tf.mul(near.byMean, isNarrow)),
      byVariance: tf.add(tf.mul(wide.byVariance, isWide), tf.mul(near.byVariance, isNarrow)),
    };
  });
}

/** The input to each form, and 1 or 0 where it counts. */
function sides(input: ParabolaInput): {
  readonly closed: ParabolaInput;
  readonly narrow: ParabolaInput;
  readonly isWide: tf.Tensor;
  readonly isNarrow: tf.Tensor;
} {
  const { halfWidth } = input;
  const border = tf.mul(input.width, BORDER);
  const isWide = tf.cast(tf.greaterEqual(halfWidth, border), "float32");
  return {
    closed: { ...input, halfWidth: tf.maximum(halfWidth, border) },
    narrow: { ...input, halfWidth: tf.minimum(halfWidth, border) },
    isWide,
    isNarrow: tf.sub(1, isWide),
  };
}
