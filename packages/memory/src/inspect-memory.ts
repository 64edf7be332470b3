import { assertShape, ConfigError } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { checkMemory } from "./check-memory.js";
import type { MemoryConfig } from "./config.js";
import type { LongTermMemory } from "./long-term.js";
import { checkRowCount, type Origins, originAt, type RowOrigins } from "./origins.js";
import { uniformOrigins } from "./uniform-origins.js";

/** A segment's share of a stretch of the signal. */
export interface SegmentShare {
  /** Which segment, 0 the first since the row's last reset. */
  readonly segment: number;
  /** How many segments came after it. */
  readonly age: number;
  /** How much of the bin's length stems from it, in (0, 1]. */
  readonly share: number;
}

/** What there is to know of one bin of [0, 1]; JSON. */
export interface BinRecord {
  readonly from: number;
  readonly to: number;
  /** Mass of the attention that fell here; `null` where none was counted. */
  readonly attention: number | null;
  /** From which segments the signal here stems, oldest first; empty in a row that has absorbed nothing. */
  readonly segments: readonly SegmentShare[];
}

/** What is known of the memory beside its numbers. */
export interface InspectOptions {
  /** Of the memory, see `absorbOrigins`; derived where sampling is uniform and all segments had the configured length. */
  readonly origins?: Origins;
  /** `[batch, bins]` mass, as `attentionMass` counts it; by default what a sticky memory has counted since its last update. Borrowed. */
  readonly attention?: tf.Tensor2D;
  /** How many bins, where no attention says so; `stickyBins` by default. */
  readonly bins?: number;
}

/** Places per bin at which its origin is looked up. */
const looks = 64;

/**
 * An account of a memory by batch row and position: how much attention each bin
 * got, and which segments it stems from (to 1/64 of a bin).
 *
 * @param config resolved, of the memory. @param memory borrowed until the promise settles.
 * @returns `[batch][bins]`.
 * @throws {ShapeError} `ERR_SHAPE`, {ConfigError} `ERR_CONFIG` naming what does not fit the
 *   configuration; `origins` missing where sampling is sticky.
 * @throws {RangeError} if `origins` have other rows than the memory.
 */
export async function inspectMemory(
  config: MemoryConfig,
  memory: LongTermMemory,
  options: InspectOptions = {},
): Promise<readonly (readonly BinRecord[])[]> {
  const { batch } = checkMemory("inspectMemory", "memory", memory, config);
  const { origins, attention = memory.attended } = options;
  if (attention) assertShape("inspectMemory", "attention", attention, "[batch, bins]", { batch });
  if (origins) checkRowCount("inspectMemory", "origins", origins.length, batch);
  else if (config.sampling === "sticky") {
    const message = "inspectMemory: origins must be given where sampling is sticky, got none";
    throw new ConfigError("origins", message);
  }
  const bins = attention?.shape[1] ?? options.bins ?? config.stickyBins;
  if (!Number.isSafeInteger(bins) || bins < 1) {
    throw new ConfigError("bins", `inspectMemory: bins must be a whole number above 0, got ${bins}`);
  }
  const counts = await memory.segments.data();
  const mass = await attention?.data();
  return Array.from(counts, (count, b) => {
    const row = origins?.[b] ?? uniformOrigins(config, count);
    return Array.from({ length: bins }, (_, k) => ({
      from: k / bins,
      to: (k + 1) / bins,
      attention: mass ? (mass[b * bins + k] as number) : null,
      segments: shares(row, k / bins, 1 / bins),
    }));
  });
}

function shares(row: RowOrigins, from: number, width: number): SegmentShare[] {
  const found = new Map<number, SegmentShare>();
  for (let i = 0; i < looks; i++) {
    const origin = originAt(row, from + ((i + 0.5) / looks) * width);
    if (origin === null) return [];
    const { segment, age } = origin;
    const share = (found.get(segment)?.share ?? 0) + 1 / looks;
    found.set(segment, { segment, age, share });
  }
  return [...found.values()]; // times ascend with positions
}
