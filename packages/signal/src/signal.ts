import type { Basis } from "./basis.js";
import { designMatrix } from "./design-matrix.js";
import { type Matrix, multiplyTransposed } from "./matrix.js";

/**
 * `B = Gᵀ X`, the coefficients of the signal that fits the values.
 *
 * @param fit G, `[P, N]`
 * @param values X, `[P, e]`
 * @returns `[N, e]`
 * @throws {RangeError} if the numbers of rows differ.
 */
export function coefficients(fit: Matrix, values: Matrix): Matrix {
  return multiplyTransposed(fit, values);
}

/**
 * The signal `x̄(t) = Σ_j B_j ψ_j(t)` at the given positions.
 *
 * @param basis the N functions
 * @param values B, `[N, e]`
 * @param positions P positions
 * @returns `[P, e]`
 * @throws {RangeError} if B does not have N rows.
 */
export function evaluateSignal(basis: Basis, values: Matrix, positions: ArrayLike<number>): Matrix {
  return multiplyTransposed(designMatrix(basis, positions), values);
}
