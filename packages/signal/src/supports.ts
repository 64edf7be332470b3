import type { Matrix } from "./matrix.js";

/** Which columns of each row of a matrix count. */
export interface Supports {
  /** `[rows]` first column that counts. */
  readonly from: Int32Array;
  /** `[rows]` the column after the last that counts; `from` where none does. */
  readonly to: Int32Array;
}

/**
 * Below this part of its row's largest entry, an entry at either end of the row
 * is left out of sums. `F Fᵀ` then changes by at most `P · 1e-22 · √(A_ii A_jj)`
 * in the element (i, j): less than rounding does for up to a million positions.
 */
const negligible = 1e-22;

/**
 * Between which columns the entries of each row lie that are not negligible: a
 * Gaussian function ten widths from its centre is, so the sums over
 * positions are short where functions are narrow.
 */
export function rowSupports({ rows, columns, data }: Matrix): Supports {
  const from = new Int32Array(rows);
  const to = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * columns, (i + 1) * columns);
    const top = largest(row);
    const limit = Number.isFinite(top) ? negligible * top : -1; // what is not finite is to be found, not left out
    let start = 0;
    let end = columns;
    while (start < end && Math.abs(row[start]!) <= limit) start++;
    while (end > start && Math.abs(row[end - 1]!) <= limit) end--;
    from[i] = start;
    to[i] = end;
  }
  return { from, to };
}

/** The largest absolute value, NaN if one is NaN. */
function largest(values: Float64Array): number {
  let found = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (size > found || Number.isNaN(size)) found = size;
  }
  return found;
}
