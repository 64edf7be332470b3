import { pulledBack } from "./canonical.js";
import { expectedParabolaBasis } from "./expected-parabola-basis.js";
import type { GaussianBasis } from "./gaussian-basis.js";
import type { Matrix } from "./matrix.js";

/**
 * Derivatives of `r_j = E_p[ψ_j]` under the truncated parabola with respect to
 * `θ = (μ/σ², −1/(2σ²))`. With the statistics `φ(t) = (t, t²)` they are
 * `∫ φ ψ_j − (∫ φ)(∫ ψ_j)/(2a)`, integrals over the support `[μ − a, μ + a]`
 * that p does not weigh: a covariance under the uniform density on the support,
 * times 2a. Taken from the derivatives by μ and σ², which lose no digits:
 * `∂r/∂θ₁ = σ² ∂r/∂μ`, `∂r/∂θ₂ = 2σ² (μ ∂r/∂μ + σ² ∂r/∂σ²)`.
 *
 * @returns `[2, N]`: row 0 belongs to `θ₁ = μ/σ²`, row 1 to `θ₂ = −1/(2σ²)`
 * @see Martins et al. (2020), "Sparse and Continuous Attention Mechanisms", https://arxiv.org/abs/2006.07214
 */
export function parabolaCanonicalJacobian(mean: number, variance: number, basis: GaussianBasis): Matrix {
  const { byMean, byVariance } = expectedParabolaBasis(mean, variance, basis);
  const data = new Float64Array(2 * basis.count);
  for (let j = 0; j < basis.count; j++) {
    data[j] = variance * byMean[j]!;
    data[basis.count + j] = 2 * variance * (mean * byMean[j]! + variance * byVariance[j]!);
  }
  return { rows: 2, columns: basis.count, data };
}

/**
 * `Σ_j cotangent_j ∂r_j/∂θ` under the truncated parabola, the gradient with
 * respect to θ of a loss whose gradient with respect to r is `cotangent`, `[N]`.
 *
 * @throws {RangeError} if `cotangent` does not have N elements.
 */
export function parabolaCanonicalVjp(
  mean: number,
  variance: number,
  basis: GaussianBasis,
  cotangent: ArrayLike<number>,
): readonly [number, number] {
  return pulledBack("parabolaCanonicalVjp", parabolaCanonicalJacobian(mean, variance, basis), cotangent);
}
