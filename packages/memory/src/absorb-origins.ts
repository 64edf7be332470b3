import { contractedPositions, sampledPositions, segmentPositions } from "@infinite-former/signal";
import type { MemoryConfig } from "./config.js";
import { checkRowCount, type Origins, type RowOrigins, timeAt } from "./origins.js";

/** How `absorb` was called; plain numbers. */
export interface AbsorbOriginsOptions {
  /** One number a row: 1 (absorb) or 0 (keep the row as it is); all by default. */
  readonly active?: ArrayLike<number>;
  /** `[batch][sampleCount]`: where each row's past was sampled, `await positions.array()` of what `absorb` got; `i/M` by default. */
  readonly positions?: readonly ArrayLike<number>[];
}

/**
 * The origins beside `absorb`: a sample takes along the time of the place where
 * it was drawn, a vector of the segment brings its own. So it holds for sticky
 * sampling too, whatever was drawn, and takes as much room after any number of
 * segments: M + L places.
 *
 * @param config resolved, of the memory.
 * @param length of the segment absorbed.
 * @returns new origins; nothing is changed.
 * @throws {RangeError} if `active` or `positions` do not have as many rows as
 *   the memory, or a row not `sampleCount` positions.
 * @throws {ConfigError} `ERR_CONFIG` unless `length` is a whole number above 0.
 */
export function absorbOrigins(
  config: MemoryConfig,
  past: Origins,
  length: number,
  { active, positions }: AbsorbOriginsOptions = {},
): Origins {
  const { sampleCount, contraction, grid, wipeAfter } = config;
  if (active) checkRowCount("absorbOrigins", "active", active.length, past.length);
  if (positions) checkRowCount("absorbOrigins", "positions", positions.length, past.length);
  const whole = [...segmentPositions(length, grid)];
  const places = [...contractedPositions({ sampleCount, length, contraction, grid })];
  const even = sampledPositions(sampleCount, grid);
  return past.map((row, b): RowOrigins => {
    if (active && !active[b]) return row;
    if (row.segments === 0 || (wipeAfter !== null && row.segments >= wipeAfter)) {
      return { segments: 1, positions: whole, times: whole.map((_, j) => (j + 0.5) / length) };
    }
    const drawn = positions?.[b] ?? even;
    if (drawn.length !== sampleCount) {
      throw new RangeError(
        `absorbOrigins: positions[${b}] must be ${sampleCount} numbers, got ${drawn.length}`,
      );
    }
    const kept = Array.from(drawn, (position) => timeAt(row, position));
    const fresh = Array.from({ length }, (_, j) => row.segments + (j + 0.5) / length);
    return { segments: row.segments + 1, positions: places, times: [...kept, ...fresh] };
  });
}
