import type { Basis, BasisKind } from "./basis.js";

/** Kinds whose functions are non-negative bumps, and so have a place and a width. */
export const localBases: readonly BasisKind[] = Object.freeze(["gaussian", "rectangular", "bspline"]);

/**
 * Mean and standard deviation of each function taken as a density: what a
 * mixture of functions has its moments from. Those of a rectangle are 1/(N√12),
 * of a cubic B-spline h/√3.
 *
 * @throws {RangeError} for a basis of waves or polynomials, which are no densities.
 */
export function basisMoments(basis: Basis): {
  readonly centers: Float64Array;
  readonly widths: Float64Array;
} {
  if (basis.kind === "gaussian") return basis;
  if (basis.kind !== "rectangular" && basis.kind !== "bspline") {
    throw new RangeError(`basisMoments: basis must be one of non-negative functions, got ${basis.kind}`);
  }
  const width = basis.spacing / Math.sqrt(basis.kind === "bspline" ? 3 : 12);
  return { centers: basis.centers, widths: new Float64Array(basis.count).fill(width) };
}
