import { type BasisSettings, basisDefaults, basisFaults, localBases } from "@infinite-former/signal";
import { ConfigError } from "@infinite-former/tensor";
import { type DensityFamily, densityFamilies } from "./density.js";

/** Hyperparameters of continuous attention; JSON. */
export interface ContinuousAttentionConfig extends BasisSettings {
  /** H, how many densities each query has. */
  readonly heads: number;
  /** d, the size of a query, key and value. */
  readonly headSize: number;
  /** e, the size of the vectors in memory and of the context. */
  readonly modelSize: number;
  /** p: normal (continuous softmax), truncated parabola (sparsemax), biweight (entmax, α = 1.5), or Gibbs. */
  readonly density: DensityFamily;
  /** K: each head and query places a mixture of so many densities, weighed by a softmax of affine maps; 1 for a single one. */
  readonly densityCount: number;
  /**
   * Where μ and σ² come from: sigmoid and softplus of affine maps of the scores, or the mean and variance of the
   * basis functions under a softmax of the scores (the authors' `affines` off). A Gibbs density is made of the
   * `"scores"` themselves.
   */
  readonly densityFrom: "affine" | "moments" | "scores";
  /** Whether the maps of `"affine"` have biases: the paper says affine, the authors' code has none. */
  readonly affineBias: boolean;
  /** Smallest variance of a density, in positions squared, ≥ 0; used by `"affine"` only. */
  readonly varianceFloor: number;
  /** σ₀ of the KL prior, in positions. */
  readonly priorWidth: number;
  /** μ₀ of the KL prior, or `null` for the form without a mean term. */
  readonly priorMean: number | null;
}

/** The authors' sorting model, but for the sizes, which have no default. */
export const defaultContinuousAttentionConfig: Omit<
  ContinuousAttentionConfig,
  "heads" | "headSize" | "modelSize" | "basisCount"
> = Object.freeze({
  basis: "gaussian",
  basisWidths: Object.freeze([0.01, 0.05]),
  basisPeriod: null,
  density: "gaussian",
  densityCount: 1,
  densityFrom: "affine",
  affineBias: false,
  varianceFloor: 1e-6,
  priorWidth: 0.05,
  priorMean: null,
});

/** What a caller must say, and may. */
export type ContinuousAttentionOptions = Pick<
  ContinuousAttentionConfig,
  "heads" | "headSize" | "modelSize" | "basisCount"
> &
  Partial<ContinuousAttentionConfig>;

/**
 * Fills in defaults and checks every field.
 * @param within what stands before the paths in errors, such as `"longTerm."`.
 * @throws {ConfigError} `ERR_CONFIG` with the path of the first field that is out of range.
 */
export function resolveContinuousAttentionConfig(
  options: ContinuousAttentionOptions,
  within = "",
): ContinuousAttentionConfig {
  const config = {
    ...defaultContinuousAttentionConfig,
    ...basisDefaults(options.basis ?? "gaussian", defaultContinuousAttentionConfig.basisWidths),
    ...densityDefaults(options.density),
    ...options,
  };
  const refuse = (field: string, want: string, got: unknown): never => {
    const path = `${within}${field}`;
    throw new ConfigError(
      path,
      `resolveContinuousAttentionConfig: ${path} must ${want}, got ${JSON.stringify(got)}`,
    );
  };
  for (const field of ["heads", "headSize", "modelSize"] as const) {
    const value = config[field];
    if (!Number.isSafeInteger(value) || value < 1) refuse(field, "be a whole number above 0", value);
  }
  for (const { path, must } of basisFaults(config)) refuse(path, must, config[path]);
  if (!densityFamilies.includes(config.density)) {
    refuse("density", `be ${listed(densityFamilies)}`, config.density);
  }
  const origins = config.density === "gibbs" ? ["scores"] : ["affine", "moments"];
  if (!origins.includes(config.densityFrom)) {
    refuse("densityFrom", `be ${listed(origins)} where density is "${config.density}"`, config.densityFrom);
  }
  if (config.densityFrom === "moments" && !localBases.includes(config.basis)) {
    const must = `be "affine" where basis is "${config.basis}", whose functions are no densities`;
    refuse("densityFrom", must, config.densityFrom);
  }
  if (!Number.isSafeInteger(config.densityCount) || config.densityCount < 1) {
    refuse("densityCount", "be a whole number above 0", config.densityCount);
  }
  if (config.densityCount > 1 && config.densityFrom !== "affine") {
    refuse("densityCount", 'be 1 where densityFrom is not "affine"', config.densityCount);
  }
  if (typeof config.affineBias !== "boolean") refuse("affineBias", "be true or false", config.affineBias);
  if (config.affineBias && config.densityFrom !== "affine") {
    refuse("affineBias", 'be false where densityFrom is not "affine"', config.affineBias);
  }
  if (!(Number.isFinite(config.varianceFloor) && config.varianceFloor >= 0)) {
    refuse("varianceFloor", "be a finite number, at least 0", config.varianceFloor);
  }
  if (!(Number.isFinite(config.priorWidth) && config.priorWidth > 0)) {
    refuse("priorWidth", "be a finite number above 0", config.priorWidth);
  }
  if (config.priorMean !== null && !Number.isFinite(config.priorMean)) {
    refuse("priorMean", "be a finite number or null", config.priorMean);
  }
  return Object.freeze(config);
}

/** Where densities of a family come from if nothing is said. */
export function densityDefaults(
  density: DensityFamily | undefined,
): Pick<ContinuousAttentionConfig, "densityFrom"> {
  return { densityFrom: density === "gibbs" ? "scores" : "affine" };
}

function listed(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(" or ");
}
