import { type LongTermConfig, longTermStructure } from "@infinite-former/transformer";
import type { ModelSettings } from "../config/schema.js";

/** Settings of how it is fitted and read, whatever the weights. */
const ofUse = [
  "ridge",
  "contraction",
  "sampleCount",
  "grid",
  "padding",
  "sampling",
  "stickyBins",
  "stickyPositions",
  "wipeAfter",
  "varianceFloor",
  "priorWidth",
  "priorMean",
] as const;

function pick<T, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;
}

/** What a run's settings say of a long-term memory, in whatever model it is. */
export function longTermSettings(settings: ModelSettings): Partial<LongTermConfig> {
  const { basisPeriod } = settings;
  const structure = longTermStructure(settings).filter((field) => field !== "basisPeriod");
  return {
    ...pick(settings, [...structure, ...ofUse]),
    ...(basisPeriod === null ? {} : { basisPeriod }), // null: the basis's own; refused where it has none
  };
}

/** The inverse: what of a run's settings the weights of a memory decide, and how else it was used. */
export function settingsOfLongTerm(longTerm: Omit<LongTermConfig, "layers">): {
  readonly structure: Partial<ModelSettings>;
  readonly usual: Partial<ModelSettings>;
} {
  return { structure: pick(longTerm, longTermStructure(longTerm)), usual: pick(longTerm, ofUse) };
}
