import { contractedPositions, type PositionGrid, segmentPositions } from "@infinite-former/signal";
import type { MemoryConfig } from "./config.js";
import type { RowOrigins } from "./origins.js";

/**
 * The origins of a row that was sampled evenly, without a record: after n
 * segments of one length, position t stems from the segment k back where
 * `τ^{k+1} < t ≤ τ^k`, at `(t/τ^k − τ)/(1 − τ)` of it.
 *
 * @param config resolved. @param segments since the row's last reset. @param length of each.
 */
export function uniformOrigins(
  config: MemoryConfig,
  segments: number,
  length: number = config.segmentLength,
): RowOrigins {
  if (segments === 0) return { segments, positions: [], times: [] };
  const { contraction, sampleCount, grid } = config;
  const places =
    segments === 1
      ? segmentPositions(length, grid)
      : contractedPositions({ sampleCount, length, contraction, grid });
  const first = vectorMiddle(grid, "first", length);
  const later = vectorMiddle(grid, "later", length);
  const timeOf = (place: number): number => {
    let [position, segment] = [place, segments - 1];
    for (; segment > 0 && position <= contraction; segment--) position /= contraction;
    const within = segment === 0 ? position - first : (position - contraction) / (1 - contraction) - later;
    return segment + Math.min(Math.max(within, 0.5 / length), 1 - 0.5 / length);
  };
  return { segments, positions: [...places], times: Array.from(places, timeOf) };
}

/** How far behind the middle of its vector a value of the fit lies, in segments. */
function vectorMiddle(grid: PositionGrid, fit: "first" | "later", length: number): number {
  return grid === "midpoints" || (grid === "mixed" && fit === "first") ? 0 : 0.5 / length;
}
