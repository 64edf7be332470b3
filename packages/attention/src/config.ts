import { ConfigError } from "@infinite-former/tensor";
import type { DensityFamily } from "./density.js";

/** Hyperparameters of continuous attention; JSON. */
export interface ContinuousAttentionConfig {
  /** H, how many densities each query has. */
  readonly heads: number;
  /** d, the size of a query, key and value. */
  readonly headSize: number;
  /** e, the size of the vectors in memory and of the context. */
  readonly modelSize: number;
  /** N, how many basis functions the memory is written in. */
  readonly basisCount: number;
  /** Widths of the Gaussian basis functions, in positions. */
  readonly basisWidths: readonly number[];
  /** p: Gaussian (continuous softmax) or truncated parabola (continuous sparsemax). */
  readonly density: DensityFamily;
  /**
   * Where μ and σ² come from: sigmoid and softplus of affine maps of the scores, or the mean and variance of the
   * basis functions under a softmax of the scores (the authors' `affines` off).
   */
  readonly densityFrom: "affine" | "moments";
  /** Whether the maps of `"affine"` have biases: the paper says affine, the authors' code has none. */
  readonly affineBias: boolean;
  /** Smallest variance of a density, in positions squared, ≥ 0; not used by `"moments"`. */
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
  basisWidths: Object.freeze([0.01, 0.05]),
  density: "gaussian",
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
  const config = { ...defaultContinuousAttentionConfig, ...options };
  const refuse = (field: string, want: string, got: unknown): never => {
    const path = `${within}${field}`;
    throw new ConfigError(
      path,
      `resolveContinuousAttentionConfig: ${path} must ${want}, got ${JSON.stringify(got)}`,
    );
  };
  for (const field of ["heads", "headSize", "modelSize", "basisCount"] as const) {
    const value = config[field];
    if (!Number.isSafeInteger(value) || value < 1) refuse(field, "be a whole number above 0", value);
  }
  if (
    config.basisWidths.length === 0 ||
    !config.basisWidths.every((width) => Number.isFinite(width) && width > 0)
  ) {
    refuse("basisWidths", "be finite numbers above 0, at least one", config.basisWidths);
  }
  if (config.basisCount % config.basisWidths.length !== 0) {
    refuse("basisCount", `be a multiple of the ${config.basisWidths.length} basisWidths`, config.basisCount);
  }
  if (!["gaussian", "truncated-parabola"].includes(config.density)) {
    refuse("density", 'be "gaussian" or "truncated-parabola"', config.density);
  }
  if (!["affine", "moments"].includes(config.densityFrom)) {
    refuse("densityFrom", 'be "affine" or "moments"', config.densityFrom);
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
