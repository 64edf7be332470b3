import type { Basis } from "./basis.js";
import { checkOneOf } from "./config-error.js";
import { designMatrix } from "./design-matrix.js";
import type { Matrix } from "./matrix.js";
import {
  type ContractedGrid,
  contractedPositions,
  type PositionGrid,
  paddedContractedPositions,
  paddedSegmentPositions,
  segmentPositions,
} from "./positions.js";
import { ridgeFit } from "./ridge.js";

/**
 * What the fit knows of the line outside [0, 1]: zeros as far as half a unit
 * away on both sides, as in the authors' code, or nothing, as in the paper.
 */
export type Padding = "zeros" | "none";

/** What the fit of a first segment is computed from. */
export interface SegmentFit {
  readonly basis: Basis;
  /** L, how many vectors the segment has. */
  readonly length: number;
  /** λ > 0. */
  readonly ridge: number;
  /** Where in their cells the vectors lie; `"mixed"` if left out. */
  readonly grid?: PositionGrid | undefined;
  /** `"zeros"` if left out. */
  readonly padding?: Padding | undefined;
}

/** What the fit of a contracted past and a new segment is computed from. */
export interface ContractedFit extends ContractedGrid {
  readonly basis: Basis;
  /** λ > 0. */
  readonly ridge: number;
  /** `"zeros"` if left out. */
  readonly padding?: Padding | undefined;
}

/**
 * G of a first segment. With padding the ridge fit is over all padded positions
 * ({@link paddedSegmentPositions}) and the rows of the L true positions are
 * kept: the same as fitting with zeros outside [0, 1]. Without, it is the
 * regression on the L points alone.
 *
 * @returns `[L, N]`
 * @throws {ConfigError} `ERR_CONFIG` for a field out of range.
 * @throws {NotPositiveDefiniteError} see {@link ridgeFit}.
 */
export function fitSegment({ basis, length, ridge, grid, padding = "zeros" }: SegmentFit): Matrix {
  const padded = isPadded("fitSegment", padding);
  const positions = padded ? paddedSegmentPositions(length, grid) : segmentPositions(length, grid);
  return fitMiddle(basis, positions, length, ridge);
}

/**
 * G_inf: the ridge fit over {@link paddedContractedPositions}, or
 * {@link contractedPositions} alone without padding, of which the rows of the M
 * samples and then of the L new vectors are kept.
 *
 * @returns `[M + L, N]`
 * @throws {ConfigError} `ERR_CONFIG` for a field out of range.
 * @throws {NotPositiveDefiniteError} see {@link ridgeFit}.
 */
export function fitContracted({ basis, ridge, padding = "zeros", ...grid }: ContractedFit): Matrix {
  const padded = isPadded("fitContracted", padding);
  const positions = padded ? paddedContractedPositions(grid) : contractedPositions(grid);
  return fitMiddle(basis, positions, grid.sampleCount + grid.length, ridge);
}

function isPadded(caller: string, padding: Padding): boolean {
  checkOneOf(caller, "padding", padding, ["zeros", "none"]);
  return padding === "zeros";
}

function fitMiddle(basis: Basis, positions: Float64Array, kept: number, ridge: number): Matrix {
  const from = (positions.length - kept) / 2;
  return ridgeFit(designMatrix(basis, positions), ridge, from, from + kept);
}
