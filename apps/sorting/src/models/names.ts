/** The models of the benchmark, in the order of tables and figures. */
export const modelNames = [
  "transformer-xl",
  "compressive",
  "infinite-former",
  "infinite-former-sticky",
] as const;

/** Name of a model of the benchmark. */
export type ModelName = (typeof modelNames)[number];
