import { ConfigError, checkCount, checkOneOf } from "./config-error.js";

/**
 * Where the vectors of a fit lie in their cells: in the middle, at the right
 * end (the paper's `i/L`), or, as in the authors' code, in the middle in a
 * first segment and at the right end afterwards.
 */
export type PositionGrid = "midpoints" | "endpoints" | "mixed";

/** A past contracted into the front of [0, 1] and a new segment behind it. */
export interface ContractedGrid {
  /** M, how many samples of the past signal enter the fit. */
  readonly sampleCount: number;
  /** L, how many new vectors enter the fit. */
  readonly length: number;
  /** τ in (0, 1): the past is squeezed into [0, τ], the new segment takes the rest. */
  readonly contraction: number;
  /** Where in their cells all of them lie; `"mixed"` if left out. */
  readonly grid?: PositionGrid | undefined;
}

/**
 * Where the L vectors of a first segment lie: the cell mid-points `(j + ½)/L`,
 * j = 0 … L − 1, or the end points `(j + 1)/L` where `grid` is `"endpoints"`.
 *
 * @throws {ConfigError} `ERR_CONFIG` unless `length` is a whole number ≥ 1 and
 *   `grid` a known one.
 */
export function segmentPositions(length: number, grid: PositionGrid = "mixed"): Float64Array {
  checkCount("segmentPositions", "length", length);
  const offset = inCell("segmentPositions", grid, "first");
  return Float64Array.from({ length }, (_, j) => (j + offset) / length);
}

/**
 * The positions of {@link segmentPositions} continued with the same step over
 * about half a unit on both sides, without 0 itself: `2L` positions for an even
 * L, `2L − 1` for an odd one. The outer ones carry zeros in the fit and so hold
 * the signal near 0 outside [0, 1]; the L true positions are the middle ones.
 *
 * @throws {ConfigError} `ERR_CONFIG` as {@link segmentPositions}.
 */
export function paddedSegmentPositions(length: number, grid: PositionGrid = "mixed"): Float64Array {
  checkCount("paddedSegmentPositions", "length", length);
  const offset = inCell("paddedSegmentPositions", grid, "first");
  const padding = Math.floor(length / 2);
  return Float64Array.from({ length: length + 2 * padding }, (_, k) => {
    const cell = k - padding;
    const before = cell < 0 && offset === 1; // where an end point would be 0, cells count from there
    return (cell + (before ? 0 : offset)) / length;
  });
}

/**
 * Where a past signal is read before it is contracted: `i/M`, i = 1 … M
 * (0 excluded, 1 included), or `(i − ½)/M` where `grid` is `"midpoints"`.
 *
 * @throws {ConfigError} `ERR_CONFIG` unless `count` is a whole number ≥ 1 and
 *   `grid` a known one.
 */
export function sampledPositions(count: number, grid: PositionGrid = "mixed"): Float64Array {
  checkCount("sampledPositions", "count", count);
  const offset = inCell("sampledPositions", grid, "later");
  return Float64Array.from({ length: count }, (_, i) => (i + offset) / count);
}

/**
 * Where the M samples of the past and the L new vectors lie after contraction:
 * `i·τ/M` for i = 1 … M, then `τ + (1 − τ)·j/L` for j = 1 … L; half a cell
 * earlier where the grid is `"midpoints"`. A sample read at t
 * ({@link sampledPositions}) lies at `τ·t`.
 *
 * @throws {ConfigError} `ERR_CONFIG` unless `sampleCount` and `length` are
 *   whole numbers ≥ 1, `contraction` lies between 0 and 1, both excluded, and
 *   `grid` is a known one.
 */
export function contractedPositions(grid: ContractedGrid): Float64Array {
  const { sampleCount, length, contraction } = checkGrid("contractedPositions", grid);
  const offset = inCell("contractedPositions", grid.grid ?? "mixed", "later");
  return Float64Array.from({ length: sampleCount + length }, (_, k) =>
    k < sampleCount
      ? ((k + offset) * contraction) / sampleCount
      : contraction + ((1 - contraction) * (k - sampleCount + offset)) / length,
  );
}

/**
 * {@link contractedPositions} between outer positions that carry zeros: the
 * members below 0 and above 1 of `2T` evenly spaced points from `−½ + s` to
 * `3⁄2 − s`, with `T = M + L` and `s = 1/(2L + M)` as in the authors' code. That is
 * `⌊T/2⌋` on each side; the same rule serves an odd T, where the authors' code
 * stops, and every grid. The T true positions are the middle ones.
 *
 * @throws {ConfigError} `ERR_CONFIG` as {@link contractedPositions}.
 */
export function paddedContractedPositions(grid: ContractedGrid): Float64Array {
  const { sampleCount, length } = checkGrid("paddedContractedPositions", grid);
  const total = sampleCount + length;
  const padding = Math.floor(total / 2);
  const inner = contractedPositions(grid);
  const shift = 1 / (2 * length + sampleCount);
  const step = (2 - 2 * shift) / (2 * total - 1);
  return Float64Array.from({ length: total + 2 * padding }, (_, k) => {
    if (k < padding) return -0.5 + shift + k * step;
    if (k < padding + total) return inner[k - padding]!;
    return 1.5 - shift - (total + 2 * padding - 1 - k) * step;
  });
}

/** Where in its cell of length 1 a vector of a first or of a later fit lies. */
function inCell(caller: string, grid: PositionGrid, fit: "first" | "later"): number {
  checkOneOf(caller, "grid", grid, ["midpoints", "endpoints", "mixed"]);
  return grid === "midpoints" || (grid === "mixed" && fit === "first") ? 0.5 : 1;
}

function checkGrid(caller: string, grid: ContractedGrid): ContractedGrid {
  checkCount(caller, "sampleCount", grid.sampleCount);
  checkCount(caller, "length", grid.length);
  const { contraction } = grid;
  if (typeof contraction !== "number" || !(contraction > 0 && contraction < 1)) {
    throw new ConfigError(caller, "contraction", "lie between 0 and 1, both excluded", contraction);
  }
  return grid;
}
