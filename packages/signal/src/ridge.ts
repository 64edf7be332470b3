import { factorise, solveRows } from "./cholesky.js";
import { checkPositive } from "./config-error.js";
import type { Matrix } from "./matrix.js";
import { multiplyByTransposed } from "./row-products.js";
import { rowSupports } from "./supports.js";

/** `F Fᵀ + λI` is not positive definite in float64: the ridge λ is too small for this basis. */
export class NotPositiveDefiniteError extends Error {
  readonly code = "ERR_NOT_POSITIVE_DEFINITE" as const;

  constructor(message: string) {
    super(message);
    this.name = "NotPositiveDefiniteError";
  }
}

/**
 * The matrix that fits coefficients to values by ridge regression:
 * `G = Fᵀ (F Fᵀ + λI)⁻¹`, so that `B = Gᵀ X` minimises
 * `‖Fᵀ B − X‖² + λ ‖B‖²`. No inverse is formed: one Cholesky factorisation,
 * then two triangular systems a position. Entries of F that are 0, or below
 * rounding at either end of a row, cost nothing.
 *
 * @param design F, `[N, P]`, see {@link designMatrix}
 * @param ridge λ > 0
 * @param from first row of G wanted, 0 if left out
 * @param to the row after the last wanted, P if left out
 * @returns rows `from … to` of G: `[to − from, N]`, float64. Rows that are not
 *   wanted cost nothing; all P positions take part in the fit.
 * @throws {ConfigError} `ERR_CONFIG` unless λ is finite and above 0.
 * @throws {NotPositiveDefiniteError} `ERR_NOT_POSITIVE_DEFINITE` if rounding
 *   leaves no positive definite matrix: take a larger λ or fewer functions.
 */
export function ridgeFit(design: Matrix, ridge: number, from = 0, to: number = design.columns): Matrix {
  checkPositive("ridgeFit", "ridge", ridge);
  const { rows: count } = design;
  const gram = multiplyByTransposed(design, design).data;
  for (let j = 0; j < count; j++) gram[j * (count + 1)]! += ridge;
  const factor = factorise(gram, count);
  if (factor === null) {
    throw new NotPositiveDefiniteError(
      `ridgeFit: F·Fᵀ + λI must be positive definite, but is not in float64 with λ = ${ridge}: take a larger ridge or wider functions`,
    );
  }
  const out = columnsAsRows(design, from, to);
  solveRows(factor, out.data);
  return out;
}

/** Columns `from … to` of F as rows, 0 where a function is negligible. */
function columnsAsRows(design: Matrix, from: number, to: number): Matrix {
  const { rows: count, columns, data } = design;
  const out = new Float64Array((to - from) * count);
  const supports = rowSupports(design);
  for (let j = 0; j < count; j++) {
    const end = Math.min(to, supports.to[j]!);
    for (let i = Math.max(from, supports.from[j]!); i < end; i++) {
      out[(i - from) * count + j] = data[j * columns + i]!;
    }
  }
  return { rows: to - from, columns: count, data: out };
}
