import type { GaussianBasis } from "./gaussian-basis.js";
import type { Matrix } from "./matrix.js";

/**
 * `θ = (μ/σ², −1/(2σ²))`, the canonical parameters of `N(μ, σ²)` with the
 * statistics `φ(t) = (t, t²)`.
 */
export function canonicalParameters(mean: number, variance: number): readonly [number, number] {
  return [mean / variance, -0.5 / variance];
}

/** The mean and variance of given canonical parameters; the inverse of {@link canonicalParameters}. */
export function momentParameters(theta: readonly [number, number]): { mean: number; variance: number } {
  const variance = -0.5 / theta[1];
  return { mean: theta[0] * variance, variance };
}

/**
 * Derivatives of `r_j = E_p[ψ_j]` with respect to θ: the covariances
 * `Cov_p(φ, ψ_j) = E_p[φ ψ_j] − E_p[φ] E_p[ψ_j]`.
 *
 * With `m, v` the mean and variance of the product density `p·ψ_j`,
 * `E[t ψ] = r m` and `E[t² ψ] = r (m² + v)`; the differences to the moments of
 * p are taken before multiplying: `m − μ = −σ² D/S`, `v − σ² = −σ⁴/S`.
 *
 * @returns `[2, N]`: row 0 belongs to `θ₁ = μ/σ²`, row 1 to `θ₂ = −1/(2σ²)`
 */
export function canonicalJacobian(mean: number, variance: number, basis: GaussianBasis): Matrix {
  const count = basis.count;
  const data = new Float64Array(2 * count);
  for (let j = 0; j < count; j++) {
    const total = variance + basis.widths[j]! ** 2;
    const distance = mean - basis.centers[j]!;
    const r = Math.exp((-0.5 * distance * distance) / total) / Math.sqrt(2 * Math.PI * total);
    const shift = (-variance * distance) / total;
    data[j] = r * shift;
    data[count + j] = r * (shift * (2 * mean + shift) - (variance * variance) / total);
  }
  return { rows: 2, columns: count, data };
}

/**
 * `Σ_j cotangent_j ∂r_j/∂θ`, the gradient with respect to θ of a loss whose
 * gradient with respect to r is `cotangent`, `[N]`.
 *
 * @throws {RangeError} if `cotangent` does not have N elements.
 */
export function canonicalVjp(
  mean: number,
  variance: number,
  basis: GaussianBasis,
  cotangent: ArrayLike<number>,
): readonly [number, number] {
  return pulledBack("canonicalVjp", canonicalJacobian(mean, variance, basis), cotangent);
}

/**
 * `[2, N]` times `[N]`.
 * @throws {RangeError} in the name of `caller` if the sizes differ.
 */
export function pulledBack(
  caller: string,
  { data, columns }: Matrix,
  cotangent: ArrayLike<number>,
): readonly [number, number] {
  if (cotangent.length !== columns) {
    throw new RangeError(`${caller}: cotangent must have ${columns} elements, got ${cotangent.length}`);
  }
  let first = 0;
  let second = 0;
  for (let j = 0; j < columns; j++) {
    first += data[j]! * cotangent[j]!;
    second += data[columns + j]! * cotangent[j]!;
  }
  return [first, second];
}

/**
 * Carries a gradient with respect to θ back to the mean and the variance:
 * `∂θ₁/∂μ = 1/σ²`, `∂θ₁/∂σ² = −μ/σ⁴`, `∂θ₂/∂σ² = 1/(2σ⁴)`. Loses digits for
 * small variances, where the two terms of the variance cancel; the derivatives
 * of `expectedGaussianBasis` and `expectedParabolaBasis` do not.
 */
export function momentGradient(
  mean: number,
  variance: number,
  gradient: readonly [number, number],
): { byMean: number; byVariance: number } {
  return {
    byMean: gradient[0] / variance,
    byVariance: (0.5 * gradient[1] - mean * gradient[0]) / (variance * variance),
  };
}
