import type { Basis } from "./basis.js";
import { designMatrix } from "./design-matrix.js";
import { gaussLegendre } from "./gauss-legendre.js";
import type { Matrix } from "./matrix.js";

/** A rule on [0, 1] fixed by a basis: `∫ f ≈ Σ weight_g f(position_g)`. */
export interface QuadratureGrid {
  /** `[G]`, ascending. */
  readonly positions: Float64Array;
  /** `[G]`, of sum 1. */
  readonly weights: Float64Array;
  /** `[N, G]`: every function at every position. */
  readonly design: Matrix;
}

/**
 * Gauss–Legendre points for integrals of smooth functions of a signal over
 * [0, 1], such as a Gibbs density:
 *
 * - rectangles: the middle of each cell (exact: everything is constant there);
 * - B-splines: 4 points in each of the N − 3 knot intervals;
 * - Gaussian functions: 6 points in panels of at most twice the narrowest width;
 * - Legendre polynomials: 3N + 16 points of one rule, close at the ends as the polynomials are there;
 * - Fourier functions: panels of 8 points, 3N + 16 in all or up to 7 more.
 */
export function quadratureGrid(basis: Basis): QuadratureGrid {
  const { panels, points } = panelsOf(basis);
  const rule = gaussLegendre(points);
  const positions = new Float64Array(panels * points);
  const weights = new Float64Array(panels * points);
  for (let p = 0; p < panels; p++) {
    for (let k = 0; k < points; k++) {
      positions[p * points + k] = (p + (1 + rule.nodes[k]!) / 2) / panels;
      weights[p * points + k] = rule.weights[k]! / (2 * panels);
    }
  }
  return { positions, weights, design: designMatrix(basis, positions) };
}

function panelsOf(basis: Basis): { readonly panels: number; readonly points: number } {
  switch (basis.kind) {
    case "rectangular":
      return { panels: basis.count, points: 1 };
    case "bspline":
      return { panels: basis.count - 3, points: 4 };
    case "gaussian":
      return { panels: Math.ceil(1 / (2 * Math.min(...basis.widths))), points: 6 };
    case "legendre":
      return { panels: 1, points: 3 * basis.count + 16 };
    case "fourier":
      return { panels: Math.ceil((3 * basis.count + 16) / 8), points: 8 };
  }
}
