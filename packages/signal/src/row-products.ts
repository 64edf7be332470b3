import { dotTile, type RowStarts, TILE } from "./dot-tile.js";
import type { Matrix } from "./matrix.js";
import { rowSupports } from "./supports.js";

/**
 * `A·Bᵀ`: `[n, k] × [m, k]` → `[n, m]`, all dot products of a row of A with a
 * row of B. Columns where either row is negligible are left out, and one
 * triangle is computed where A is B.
 *
 * @throws {RangeError} if the rows differ in length.
 */
export function multiplyByTransposed(a: Matrix, b: Matrix): Matrix {
  if (a.columns !== b.columns) {
    throw new RangeError(`multiplyByTransposed: b must have ${a.columns} columns, got ${b.columns}`);
  }
  const out = new Float64Array(a.rows * b.rows);
  const sums = new Float64Array(TILE * TILE);
  const left = rowGroups(a);
  const right = a === b ? left : rowGroups(b);
  for (const [i, x] of left.entries()) {
    for (const y of a === b ? left.slice(0, i + 1) : right) {
      const from = Math.max(x.from, y.from);
      const to = Math.min(x.to, y.to);
      if (from >= to) continue;
      dotTile(a.data, x.starts, b.data, y.starts, from, to, sums);
      for (let k = 0; k < sums.length; k++) {
        const row = x.rows[Math.floor(k / TILE)]!;
        const column = y.rows[k % TILE]!;
        out[row * b.rows + column] = sums[k]!;
        if (a === b) out[column * b.rows + row] = sums[k]!;
      }
    }
  }
  return { rows: a.rows, columns: b.rows, data: out };
}

/** Three rows that go through one tile, and the columns where one of them counts. */
interface RowGroup {
  readonly rows: readonly [number, number, number];
  readonly starts: RowStarts;
  readonly from: number;
  readonly to: number;
}

/**
 * The rows in groups of neighbours with supports of like length: functions of
 * different widths take turns in a basis, and a tile is as long as its widest.
 * The last group takes its last row again where there are too few.
 */
function rowGroups(matrix: Matrix): RowGroup[] {
  const { from, to } = rowSupports(matrix);
  const octave = from.map((start, i) => Math.ceil(Math.log2(to[i]! - start + 1)));
  const order = Array.from(from.keys()).sort((i, j) => octave[i]! - octave[j]! || i - j);
  const groups: RowGroup[] = [];
  for (let i = 0; i < order.length; i += TILE) {
    const at = (k: number): number => order[Math.min(i + k, order.length - 1)]!;
    const rows = [at(0), at(1), at(2)] as const;
    groups.push({
      rows,
      starts: [rows[0] * matrix.columns, rows[1] * matrix.columns, rows[2] * matrix.columns],
      from: Math.min(...rows.map((row) => from[row]!)),
      to: Math.max(...rows.map((row) => to[row]!)),
    });
  }
  return groups;
}
