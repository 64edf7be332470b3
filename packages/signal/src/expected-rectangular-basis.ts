import { densityKernel, type LocationScaleFamily } from "./density-kernel.js";
import type { ExpectedBasis } from "./expected-basis.js";
import { integrate } from "./quadrature.js";
import type { RectangularBasis } from "./rectangular-basis.js";

/**
 * Mass of the density in every cell, times √N, with its derivatives. Cells
 * that are wide against the density: differences of the CDF and of the density
 * at the edges; narrow ones, where differences cancel, by quadrature of k, k′
 * and (uk)′ over the cell. Mass outside [0, 1] is lost.
 */
export function expectedRectangularBasis(
  mean: number,
  variance: number,
  basis: RectangularBasis,
  family: LocationScaleFamily,
): ExpectedBasis {
  const { count } = basis;
  const kernel = densityKernel(family);
  const scale = kernel.scale(variance);
  const height = Math.sqrt(count);
  const lift = kernel.lift(scale) / (scale * scale);
  const within = (u: number): number => Math.max(-kernel.reach, Math.min(kernel.reach, u));
  const value = new Float64Array(count);
  const byMean = new Float64Array(count);
  const byVariance = new Float64Array(count);
  for (let j = 0; j < count; j++) {
    const low = within((j / count - mean) / scale);
    const high = within(((j + 1) / count - mean) / scale);
    if (!(low < high)) continue;
    value[j] = height * kernel.mass(low, high);
    if (scale < basis.spacing) {
      byMean[j] = (-height / scale) * (kernel.value(high) - kernel.value(low));
      byVariance[j] = -height * lift * (high * kernel.value(high) - low * kernel.value(low));
    } else {
      const over = (f: (u: number) => number): number => integrate(f, low, high, 1);
      value[j] = height * over(kernel.value);
      byMean[j] = (-height / scale) * over(kernel.slope);
      byVariance[j] = -height * lift * over((u) => kernel.value(u) + u * kernel.slope(u));
    }
  }
  return { value, byMean, byVariance };
}
