import { dotTile, rowStarts, TILE } from "./dot-tile.js";

/** `A = L·Lᵀ`, cut into blocks of {@link BLOCK} rows. */
export interface CholeskyFactor {
  readonly count: number;
  /** `[N, N]` row by row: L on and below the diagonal, Lᵀ on and above it, so that all sums run along rows. */
  readonly data: Float64Array;
  /** Per block of rows, the first column of L that is not 0 by structure. */
  readonly from: Int32Array;
  /** Per block of rows, the column after the last of Lᵀ that is not 0 by structure. */
  readonly to: Int32Array;
}

/** Rows of a block: two of them, 2,048 long, stay in a second-level cache of 1 MiB. */
const BLOCK = 24;

/**
 * Factorises a symmetric positive definite matrix, in place. Leading zeros of a
 * row stay zeros in L (its envelope), and are left out: where functions are
 * narrow their matrix is banded, and L as well.
 *
 * @param data `[N, N]` A, row by row; overwritten
 * @returns `null` where a pivot is not a finite number above 0
 */
export function factorise(data: Float64Array, count: number): CholeskyFactor | null {
  const factor = { count, data, ...envelope(data, count) };
  for (let top = 0, block = 0; top < count; top += BLOCK, block++) {
    const bottom = Math.min(count, top + BLOCK);
    const rows = { data, top, bottom };
    const start = factor.from[block]!;
    forward(factor, rows, start, top);
    subtractProducts(factor, rows, top, bottom, start, top);
    if (!factoriseDiagonal(data, count, top, bottom)) return null;
    for (let i = top; i < bottom; i++) {
      for (let k = start; k < i; k++) data[k * count + i] = data[i * count + k]!;
    }
  }
  return factor;
}

/**
 * Solves `A x = y` for many right-hand sides, in place.
 *
 * @param x `[rows, N]` one right-hand side a row, overwritten by the solutions
 */
export function solveRows(factor: CholeskyFactor, x: Float64Array): void {
  const { count } = factor;
  const rows = x.length / count;
  for (let top = 0; top < rows; top += BLOCK) {
    const block = { data: x, top, bottom: Math.min(rows, top + BLOCK) };
    forward(factor, block, leadingZeros(block, count), count);
    backward(factor, block);
  }
}

/** Some rows, N long, that are worked on together. */
interface Rows {
  readonly data: Float64Array;
  readonly top: number;
  readonly bottom: number;
}

/** `X ← X L⁻ᵀ` in the columns `start … end`; those before `start` are 0. */
function forward(factor: CholeskyFactor, x: Rows, start: number, end: number): void {
  const { count } = factor;
  for (let block = Math.floor(start / BLOCK); block * BLOCK < end; block++) {
    const left = block * BLOCK;
    const right = Math.min(count, left + BLOCK);
    subtractProducts(factor, x, left, right, Math.max(start, factor.from[block]!), left);
    for (let k = left; k < right; k++) eliminate(factor, x, k, left, k);
  }
}

/** `X ← X L⁻¹`. */
function backward(factor: CholeskyFactor, x: Rows): void {
  const { count } = factor;
  for (let block = factor.to.length - 1; block >= 0; block--) {
    const left = block * BLOCK;
    const right = Math.min(count, left + BLOCK);
    subtractProducts(factor, x, left, right, right, factor.to[block]!);
    for (let k = right - 1; k >= left; k--) eliminate(factor, x, k, k + 1, right);
  }
}

const sums = new Float64Array(TILE * TILE);

/** `x[r, j] −= Σ_k x[r, k] · T[j, k]` for j in `left … right` and k in `from … to`; T is L or Lᵀ. */
function subtractProducts(
  { data: triangle, count }: CholeskyFactor,
  { data: x, top, bottom }: Rows,
  left: number,
  right: number,
  from: number,
  to: number,
): void {
  if (from >= to) return;
  for (let r = top; r < bottom; r += TILE) {
    const starts = rowStarts(r, bottom - 1, count);
    const height = Math.min(TILE, bottom - r);
    for (let j = left; j < right; j += TILE) {
      dotTile(x, starts, triangle, rowStarts(j, right - 1, count), from, to, sums);
      const width = Math.min(TILE, right - j);
      for (let a = 0; a < height; a++) {
        for (let b = 0; b < width; b++) {
          const at = (r + a) * count + j + b;
          x[at] = x[at]! - sums[a * TILE + b]!;
        }
      }
    }
  }
}

/** In each row `x_k ← (x_k − Σ_i T[k, i] x_i) / T[k, k]`, i running from `from` to `to`. */
function eliminate(
  { data: triangle, count }: CholeskyFactor,
  { data: x, top, bottom }: Rows,
  k: number,
  from: number,
  to: number,
): void {
  const pivot = triangle[k * count + k]!;
  for (let r = top; r < bottom; r++) {
    let sum = 0;
    for (let i = from; i < to; i++) sum += triangle[k * count + i]! * x[r * count + i]!;
    x[r * count + k] = (x[r * count + k]! - sum) / pivot;
  }
}

/** The Cholesky factor of one block on the diagonal, in its lower triangle. */
function factoriseDiagonal(data: Float64Array, count: number, top: number, bottom: number): boolean {
  for (let k = top; k < bottom; k++) {
    for (let i = k; i < bottom; i++) {
      let sum = data[i * count + k]!;
      for (let j = top; j < k; j++) sum -= data[i * count + j]! * data[k * count + j]!;
      if (i === k && !(sum > 0 && sum < Number.POSITIVE_INFINITY)) return false;
      data[i * count + k] = i === k ? Math.sqrt(sum) : sum / data[k * count + k]!;
    }
  }
  return true;
}

/** Where the rows of each block start and end that are not 0 by structure. */
function envelope(data: Float64Array, count: number): Pick<CholeskyFactor, "from" | "to"> {
  const blocks = Math.ceil(count / BLOCK);
  const from = new Int32Array(blocks);
  const to = new Int32Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const top = block * BLOCK;
    const bottom = Math.min(count, top + BLOCK);
    from[block] = Math.min(top, leadingZeros({ data, top, bottom }, count));
    // Row k of Lᵀ reaches as far as the last block whose rows of L reach back to k.
    for (let j = Math.floor(from[block]! / BLOCK); j <= block; j++) to[j] = bottom;
  }
  return { from, to };
}

/** How many columns are 0 in all of the rows before one that is not. */
function leadingZeros({ data, top, bottom }: Rows, count: number): number {
  let zeros = count;
  for (let r = top; r < bottom; r++) {
    let k = 0;
    while (k < zeros && data[r * count + k] === 0) k++;
    zeros = k;
  }
  return zeros;
}
