import { characteristic } from "./characteristic.js";
import { densityKernel, type LocationScaleFamily } from "./density-kernel.js";
import type { ExpectedBasis } from "./expected-basis.js";
import type { FourierBasis } from "./fourier-basis.js";

/**
 * `E_p[cos ωt] = χ(ωs) cos ωμ` and the same for the sine, with the
 * characteristic function χ of the density's kernel: closed form, over the
 * whole line. `∂/∂σ² = −ω² (s ds/dσ²) · (−χ′(z)/z) cos ωμ` at z = ωs.
 */
export function expectedFourierBasis(
  mean: number,
  variance: number,
  basis: FourierBasis,
  family: LocationScaleFamily,
): ExpectedBasis {
  const kernel = densityKernel(family);
  const scale = kernel.scale(variance);
  const value = new Float64Array(basis.count);
  const byMean = new Float64Array(basis.count);
  const byVariance = new Float64Array(basis.count);
  basis.frequencies.forEach((k, j) => {
    const omega = (2 * Math.PI * k) / basis.period;
    const turns = (k * mean) / basis.period;
    const phase = 2 * Math.PI * (turns - Math.round(turns));
    const chi = characteristic(family, omega * scale);
    const isSine = j > 0 && j % 2 === 0;
    const size = k === 0 ? 1 : Math.SQRT2;
    const wave = size * (isSine ? Math.sin(phase) : Math.cos(phase));
    const quarter = size * (isSine ? Math.cos(phase) : -Math.sin(phase));
    value[j] = chi.value * wave;
    byMean[j] = omega * chi.value * quarter;
    byVariance[j] = k === 0 ? 0 : -omega * omega * kernel.lift(scale) * chi.fall * wave;
  });
  return { value, byMean, byVariance };
}
