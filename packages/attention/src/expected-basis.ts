import type { Basis, LocationScaleFamily } from "@infinite-former/signal";
import { assertSameShape } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { expectedAnyBasis } from "./expected-any-basis.js";
import { expectedGaussianBasis } from "./expected-gaussian-basis.js";
import { expectedParabolaBasis } from "./expected-parabola-basis.js";

/**
 * Expected value `E_p[ψ_j] = ∫ p ψ_j` of every basis function under attention densities:
 *
 * - `"gaussian"`, continuous softmax: `p = N(μ, σ²)`, and `r_j = N(μ; center_j, σ² + width_j²)`;
 * - `"truncated-parabola"`, continuous sparsemax: `p(t) = [a² − (t − μ)²]₊/(2σ²)` with the
 *   half-width `a = (3σ²/2)^⅓`, by the normal density and CDF at the ends of the support;
 * - `"biweight"`, α-entmax with α = 1.5: `p(t) = [(a² − (t − μ)²)/(4σ²)]₊²` with `a = (15σ⁴)^⅕`.
 *
 * Other bases than the Gaussian: rectangles by the CDF, Fourier functions by
 * characteristic functions, B-splines by truncated powers or exact quadrature,
 * Legendre polynomials by quadrature; see docs/bases.md.
 *
 * Carries its own gradients in forms that keep their digits for narrow
 * densities. (The authors go through the canonical parameters
 * `(μ/σ², −1/(2σ²))`, which in float32 loses the one by σ²; and the closed
 * form of the parabola loses its digits where the density is narrow.)
 *
 * Shapes: `…` is any leading axes (batch, head, query); `N` counts basis
 * functions. Positions live on the unit interval `[0, 1]`.
 *
 * @param mean `[…]` density mean μ, in positions.
 * @param variance `[…]` σ², in positions squared, ≥ 0: variance of the Gaussian, scale of the
 *   parabola (below 1e-30 taken as that). Not checked: reading it back would stall the device.
 * @param basis the N functions ψ in which the memory is written.
 * @param density which family; `"gaussian"` by default.
 * @returns `[…, N]` float32, owned by the caller. Differentiable in `mean` and
 *   `variance`; `basis` is constant.
 * @throws {ShapeError} `ERR_SHAPE` if `mean` and `variance` differ in shape.
 * @see Martins, Marinho & Martins (2022), "∞-former: Infinite Memory
 *   Transformer", section 3.1, https://arxiv.org/abs/2109.00301; Martins et al. (2020), "Sparse and
 *   Continuous Attention Mechanisms", https://arxiv.org/abs/2006.07214
 * @example
 * const basis = gaussianBasis({ count: 64, widths: [0.01, 0.05] });
 * const r = expectedBasis(mean, variance, basis); // [batch, heads, queries, 64]
 */
export function expectedBasis(
  mean: tf.Tensor,
  variance: tf.Tensor,
  basis: Basis,
  density: LocationScaleFamily = "gaussian",
): tf.Tensor {
  assertSameShape("expectedBasis", "variance", variance.shape, mean.shape);
  return tf.tidy(() => {
    const column = (x: tf.Tensor): tf.Tensor2D => tf.reshape(x, [mean.size, 1]);
    const expected = rows(column(mean), column(variance), basis, density);
    return tf.reshape(expected, [...mean.shape, basis.count]);
  });
}

function rows(
  mean: tf.Tensor2D,
  variance: tf.Tensor2D,
  basis: Basis,
  density: LocationScaleFamily,
): tf.Tensor2D {
  if (basis.kind !== "gaussian" || density === "biweight") {
    return expectedAnyBasis(mean, variance, basis, density);
  }
  const expected = density === "gaussian" ? expectedGaussianBasis : expectedParabolaBasis;
  return expected(mean, variance, basis);
}
