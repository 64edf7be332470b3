import { contractedPositions, segmentPositions } from "@infinite-former/signal";
import type { MemoryConfig } from "./config.js";

/** A stretch of [0, 1]; `from` excluded, `to` included. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * Where a segment lies in a memory that is sampled evenly: `(τ^{age+1}, τ^age]`,
 * and the first one `[0, τ^age]`.
 *
 * @param contraction τ.
 * @param segments how many the row has absorbed since its last reset.
 * @param age how many came after it, below `segments`.
 * @throws {RangeError} for an age that no segment has.
 * @see Martins, Marinho & Martins (2022), section 3.2
 */
export function segmentStretch(contraction: number, segments: number, age: number): Stretch {
  if (!Number.isSafeInteger(age) || age < 0 || age >= segments) {
    throw new RangeError(`segmentStretch: age must be a whole number below ${segments}, got ${age}`);
  }
  return { from: age === segments - 1 ? 0 : contraction ** (age + 1), to: contraction ** age };
}

/**
 * Where the vectors of a segment lie in a memory that is sampled evenly: where
 * the fit that took them in was given them, times `τ^age`.
 *
 * @param config resolved. @param length of the segment.
 * @param age how many segments came after it. @param first whether it was a first one.
 * @returns `[length]`, ascending.
 */
export function segmentPlaces(
  config: MemoryConfig,
  length: number,
  age: number,
  first: boolean,
): Float64Array {
  const { contraction, sampleCount, grid } = config;
  const at = first
    ? segmentPositions(length, grid)
    : contractedPositions({ sampleCount, length, contraction, grid }).subarray(sampleCount);
  return at.map((position) => position * contraction ** age);
}
