import type { Basis } from "./basis.js";
import { basisJet } from "./basis-jet.js";
import type { Matrix } from "./matrix.js";

/**
 * F, every basis function at every position: `F[j, i] = ψ_j(positions[i])`.
 *
 * @param basis the N functions
 * @param positions P positions, anywhere on the line
 * @returns `[N, P]`
 */
export function designMatrix(basis: Basis, positions: ArrayLike<number>): Matrix {
  const columns = positions.length;
  const data = new Float64Array(basis.count * columns);
  if (basis.kind !== "gaussian") {
    for (let i = 0; i < columns; i++) {
      basisJet(basis, positions[i]!).value.forEach((value, j) => {
        data[j * columns + i] = value;
      });
    }
    return { rows: basis.count, columns, data };
  }
  for (let j = 0; j < basis.count; j++) {
    const center = basis.centers[j]!;
    const width = basis.widths[j]!;
    const peak = 1 / (width * Math.sqrt(2 * Math.PI));
    for (let i = 0; i < columns; i++) {
      const z = (positions[i]! - center) / width;
      data[j * columns + i] = peak * Math.exp(-0.5 * z * z);
    }
  }
  return { rows: basis.count, columns, data };
}
