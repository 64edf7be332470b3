/** Rows of a tile on either side: nine sums and six operands are what fits into sixteen registers. */
export const TILE = 3;

/** Index of the first element of each of three rows. */
export type RowStarts = readonly [number, number, number];

/**
 * Where three rows of a row-by-row matrix start, from row `first` on. Past the
 * row `last` that one is taken again.
 */
export function rowStarts(first: number, last: number, columns: number): RowStarts {
  return [first * columns, Math.min(first + 1, last) * columns, Math.min(first + 2, last) * columns];
}

/**
 * The nine dot products of three rows with three, over the columns `from … to`:
 * `sums[3i + j] = Σ_k x[xs_i + k] · y[ys_j + k]`, summed in the order of k. All
 * that is slow in a fit goes through here: with nine sums in registers six
 * loads serve nine products, where a plain dot product loads two for one.
 *
 * @param sums `[9]`, overwritten
 */
export function dotTile(
  x: Float64Array,
  xs: RowStarts,
  y: Float64Array,
  ys: RowStarts,
  from: number,
  to: number,
  sums: Float64Array,
): void {
  const x0 = xs[0];
  const x1 = xs[1];
  const x2 = xs[2];
  const y0 = ys[0];
  const y1 = ys[1];
  const y2 = ys[2];
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  let f = 0;
  let g = 0;
  let h = 0;
  let i = 0;
  for (let k = from; k < to; k++) {
    const u = y[y0 + k]!;
    const v = y[y1 + k]!;
    const w = y[y2 + k]!;
    const p = x[x0 + k]!;
    const q = x[x1 + k]!;
    const r = x[x2 + k]!;
    a += p * u;
    b += p * v;
    c += p * w;
    d += q * u;
    e += q * v;
    f += q * w;
    g += r * u;
    h += r * v;
    i += r * w;
  }
  sums[0] = a;
  sums[1] = b;
  sums[2] = c;
  sums[3] = d;
  sums[4] = e;
  sums[5] = f;
  sums[6] = g;
  sums[7] = h;
  sums[8] = i;
}
