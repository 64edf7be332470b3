import type { LongTermConfig } from "./config.js";

/** Names that {@link longTermStructure} gives. */
export type LongTermStructure = keyof Pick<
  LongTermConfig,
  | "basis"
  | "basisCount"
  | "basisWidths"
  | "basisPeriod"
  | "gate"
  | "density"
  | "densityCount"
  | "densityFrom"
  | "affineBias"
>;

const always: readonly LongTermStructure[] = [
  "basis",
  "basisCount",
  "gate",
  "density",
  "densityCount",
  "densityFrom",
  "affineBias",
];

/**
 * Fields of a long-term memory that its weights are made for: under others they
 * have no place, or mean nothing. All else says how it is fitted and read, whatever the weights.
 */
export function longTermStructure({ basis }: Pick<LongTermConfig, "basis">): readonly LongTermStructure[] {
  if (basis === "gaussian") return [...always, "basisWidths"];
  return basis === "fourier" ? [...always, "basisPeriod"] : always;
}
