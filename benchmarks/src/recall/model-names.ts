/** The models of the probe, in the order of table and figure. */
export const recallModels = [
  "none",
  "transformer-xl",
  "compressive",
  "infinite-former",
  "infinite-former-sticky",
] as const;

/** Name of a model of the probe. */
export type RecallModelName = (typeof recallModels)[number];
