import { type BsplineBasis, splineDifferences } from "./bspline-basis.js";
import type { ExpectedBasis } from "./expected-basis.js";
import { normalCdf, normalDensity } from "./normal.js";

/**
 * Expected value of cubic B-splines under `N(μ, σ²)` as fourth differences of
 * expected truncated powers: with `x = (μ − center)/h`, `s = σ/h` and z normal
 *
 * - `E[(x + sz)₊³] = (x³ + 3xs²) Φ(x/s) + (x²s + 2s³) φ(x/s)`
 * - its derivatives by x are `3 E[(x + sz)₊²]` and `6 E[(x + sz)₊]`; `∂r/∂σ² = ½ E[ψ″]`.
 *
 * β is even, and is taken on the side where the powers are small. The
 * differences cancel as s grows: for σ below h.
 */
export function expectedBsplineBasis(mean: number, variance: number, basis: BsplineBasis): ExpectedBasis {
  const { count, spacing, scale, centers } = basis;
  const value = new Float64Array(count);
  const byMean = new Float64Array(count);
  const byVariance = new Float64Array(count);
  const s = Math.sqrt(variance) / spacing;
  for (let j = 0; j < count; j++) {
    const signed = (mean - centers[j]!) / spacing;
    const x = -Math.abs(signed);
    let [third, second, first] = [0, 0, 0];
    for (const { offset, weight } of splineDifferences) {
      const y = x + offset;
      const [mass, edge] = [normalCdf(y / s, 0, 1), s * normalDensity(y / s, 0, 1)];
      third += weight * ((y ** 3 + 3 * y * s * s) * mass + (y * y + 2 * s * s) * edge);
      second += 3 * weight * ((y * y + s * s) * mass + y * edge);
      first += 6 * weight * (y * mass + edge);
    }
    value[j] = scale * third;
    byMean[j] = (Math.sign(-signed) * scale * second) / spacing;
    byVariance[j] = (0.5 * scale * first) / spacing ** 2;
  }
  return { value, byMean, byVariance };
}
