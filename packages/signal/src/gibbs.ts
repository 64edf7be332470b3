import type { Basis } from "./basis.js";
import { type QuadratureGrid, quadratureGrid } from "./quadrature-grid.js";

/** A Gibbs density by quadrature. */
export interface GibbsDensity {
  readonly grid: QuadratureGrid;
  /** `[G]` `weight_g p(position_g)`, of sum 1. */
  readonly probabilities: Float64Array;
  /** `[N]` `E_p[ψ_j]` */
  readonly expected: Float64Array;
  /** `D_KL(p ‖ uniform on [0, 1]) = E_p[log p]`, ≥ 0. */
  readonly divergence: number;
}

/**
 * The free-form density `p(t) ∝ exp(Σ_j score_j ψ_j(t))` on [0, 1], a member of
 * the exponential family that the basis spans, on the points of
 * {@link quadratureGrid}. The error is that of the rule for `exp` of a signal:
 * below 1e-4 of a function's size where exponents lie within ±3 and change as
 * fast as the functions can, and falls off steeply where they are smoother.
 *
 * @param scores `[N]`
 */
export function gibbsDensity(basis: Basis, scores: ArrayLike<number>): GibbsDensity {
  const grid = quadratureGrid(basis);
  const { rows, columns, data } = grid.design;
  const exponents = new Float64Array(columns);
  for (let j = 0; j < rows; j++) {
    for (let g = 0; g < columns; g++) exponents[g] = exponents[g]! + scores[j]! * data[j * columns + g]!;
  }
  const top = exponents.reduce((most, x) => Math.max(most, x));
  const masses = exponents.map((x, g) => grid.weights[g]! * Math.exp(x - top));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  const probabilities = masses.map((mass) => mass / total);
  const logTotal = top + Math.log(total);
  const expected = new Float64Array(rows);
  for (let j = 0; j < rows; j++) {
    for (let g = 0; g < columns; g++) {
      expected[j] = expected[j]! + probabilities[g]! * data[j * columns + g]!;
    }
  }
  const divergence = probabilities.reduce((sum, p, g) => sum + p * (exponents[g]! - logTotal), 0);
  return { grid, probabilities, expected, divergence };
}
