import { contractedPositions, sampledPositions } from "@infinite-former/signal";
import type { MemoryConfig } from "./config.js";
import { checkRowCount, type Origins, timeAt } from "./origins.js";

/**
 * The origins beside `merge`: segments of the newer memory are counted on from
 * those of the older one. Where one of the two is empty the other's are kept.
 *
 * @param config resolved, of the memories.
 * @throws {RangeError} if both do not have as many rows.
 */
export function mergeOrigins(config: MemoryConfig, older: Origins, newer: Origins): Origins {
  checkRowCount("mergeOrigins", "newer", newer.length, older.length);
  const { sampleCount: samples, grid } = config;
  const places = [...contractedPositions({ sampleCount: samples, length: samples, contraction: 0.5, grid })];
  const even = [...sampledPositions(samples, grid)];
  return older.map((before, b) => {
    const after = newer[b] as Origins[number];
    if (before.segments === 0) return after;
    if (after.segments === 0) return before;
    const first = even.map((position) => timeAt(before, position));
    const second = even.map((position) => before.segments + timeAt(after, position));
    return {
      segments: before.segments + after.segments,
      positions: places,
      times: [...first, ...second],
    };
  });
}
