import type { Basis } from "./basis.js";
import type { LocationScaleFamily } from "./density-kernel.js";
import { type ExpectedBasis, expectedGaussianBasis } from "./expected-basis.js";
import { expectedBsplineBasis } from "./expected-bspline-basis.js";
import { expectedByQuadrature } from "./expected-by-quadrature.js";
import { expectedFourierBasis } from "./expected-fourier-basis.js";
import { expectedParabolaBasis } from "./expected-parabola-basis.js";
import { expectedRectangularBasis } from "./expected-rectangular-basis.js";

/**
 * Expected value of every function of any basis under a density with a place
 * and a scale, with its derivatives by both, in float64.
 *
 * In closed form: Gaussian functions under normal densities, rectangles under
 * all (CDF), Fourier under all (characteristic functions), B-splines under
 * normal densities that are narrower than the distance of two knots. The rest
 * by quadrature, to about 1e-12 of the largest value.
 *
 * @param mean μ, a position
 * @param variance σ² > 0, in positions squared, not checked: the variance of a normal density, the scale of the others
 * @param basis the N functions
 * @param family which density; `"gaussian"` by default
 */
export function expectedValues(
  mean: number,
  variance: number,
  basis: Basis,
  family: LocationScaleFamily = "gaussian",
): ExpectedBasis {
  if (basis.kind === "fourier") return expectedFourierBasis(mean, variance, basis, family);
  if (basis.kind === "rectangular") return expectedRectangularBasis(mean, variance, basis, family);
  if (basis.kind === "gaussian" && family === "gaussian") return expectedGaussianBasis(mean, variance, basis);
  if (basis.kind === "gaussian" && family === "truncated-parabola") {
    return expectedParabolaBasis(mean, variance, basis);
  }
  const isNarrow = basis.kind === "bspline" && family === "gaussian" && variance < basis.spacing ** 2;
  if (isNarrow) return expectedBsplineBasis(mean, variance, basis);
  return expectedByQuadrature(mean, variance, basis, family);
}
