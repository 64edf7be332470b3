import type { LongTermConfig } from "@infinite-former/transformer";
import type { ModelSettings } from "../config/schema.js";

/** Settings of a long-term memory that its weights are made for. */
const ofWeights = [
  "basis",
  "basisCount",
  "gate",
  "density",
  "densityCount",
  "densityFrom",
  "affineBias",
] as const;

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
  const { basis, basisWidths, basisPeriod } = settings;
  return {
    ...pick(settings, [...ofWeights, ...ofUse]),
    ...(basis === "gaussian" ? { basisWidths } : {}),
    ...(basisPeriod === null ? {} : { basisPeriod }),
  };
}

/** The inverse: what of a run's settings the weights of a memory decide, and how else it was used. */
export function settingsOfLongTerm(longTerm: Omit<LongTermConfig, "layers">): {
  readonly structure: Partial<ModelSettings>;
  readonly usual: Partial<ModelSettings>;
} {
  const { basis, basisWidths, basisPeriod } = longTerm;
  return {
    structure: {
      ...pick(longTerm, ofWeights),
      ...(basis === "gaussian" ? { basisWidths } : {}),
      ...(basis === "fourier" ? { basisPeriod } : {}),
    },
    usual: pick(longTerm, ofUse),
  };
}
