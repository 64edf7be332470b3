import type { ExpectedBasis } from "./expected-basis.js";
import type { GaussianBasis } from "./gaussian-basis.js";
import { normalDensity } from "./normal.js";
import { integrate } from "./quadrature.js";
import { parabolaHalfWidth } from "./truncated-parabola.js";

/** A basis function is integrated over so many of its widths to each side; beyond them lies 1e-23 of it. */
const REACH = 10;

/**
 * Expected value of every basis function under the truncated parabola p
 * (continuous sparsemax), and its derivatives, by quadrature over the part of
 * the support where the function is. With `t = μ + a·u`:
 *
 * - `r_j = ¾ ∫ (1 − u²) ψ_j du`
 * - `∂r_j/∂μ = 3/(2a) ∫ u ψ_j du = ¾ ∫ (1 − u²) ψ_j′ du`
 * - `∂r_j/∂σ² = 1/(4σ²) ∫ (3u² − 1) ψ_j du = 3/(32a) ∫ (1 − u²)² ψ_j″ du`
 *
 * over −1 ≤ u ≤ 1; of two forms the first cancels where the density is narrower
 * than the function, the second where it is wider, and is then not used.
 *
 * @param mean μ, a position
 * @param variance σ² > 0, the scale of the parabola, not checked; towards 0 the
 *   last derivative grows as σ^(−⅔)
 * @param basis the N functions
 * @see Martins et al. (2020), "Sparse and Continuous Attention Mechanisms", https://arxiv.org/abs/2006.07214
 */
export function expectedParabolaBasis(mean: number, variance: number, basis: GaussianBasis): ExpectedBasis {
  const value = new Float64Array(basis.count);
  const byMean = new Float64Array(basis.count);
  const byVariance = new Float64Array(basis.count);
  const reach = parabolaHalfWidth(variance);
  for (let j = 0; j < basis.count; j++) {
    const width = basis.widths[j]!;
    const ratio = reach / width;
    const distance = (mean - basis.centers[j]!) / width;
    const low = Math.max(-1, (-REACH - distance) / ratio);
    const high = Math.min(1, (REACH - distance) / ratio);
    if (!(low < high)) continue;
    const panels = Math.max(4, Math.ceil((high - low) * ratio));
    /** ∫ weight(u, z) ψ_j du, z the distance from the centre in widths. */
    const over = (weight: (u: number, z: number) => number): number =>
      integrate(
        (u) => {
          const z = distance + ratio * u;
          return weight(u, z) * normalDensity(z, 0, 1);
        },
        low,
        high,
        panels,
      ) / width;
    value[j] = 0.75 * over((u) => 1 - u * u);
    if (ratio < 1) {
      byMean[j] = (-0.75 / width) * over((u, z) => (1 - u * u) * z);
      byVariance[j] = (3 / (32 * reach * width * width)) * over((u, z) => (1 - u * u) ** 2 * (z * z - 1));
    } else {
      byMean[j] = (1.5 / reach) * over((u) => u);
      byVariance[j] = (0.25 / variance) * over((u) => 3 * u * u - 1);
    }
  }
  return { value, byMean, byVariance };
}
