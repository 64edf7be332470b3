import {
  type BasisSettings,
  basisDefaults,
  basisFaults,
  type Padding,
  type PositionGrid,
} from "@infinite-former/signal";
import { ConfigError } from "@infinite-former/tensor";

/** Hyperparameters of a long-term memory; JSON. */
export interface MemoryConfig extends BasisSettings {
  /** λ > 0 of the ridge regression. */
  readonly ridge: number;
  /** τ in (0, 1): the past is squeezed into `[0, τ]` by every new segment. */
  readonly contraction: number;
  /** M, how many samples of the past enter the new fit. */
  readonly sampleCount: number;
  /** L, how many vectors a segment usually has. Other lengths are absorbed too, each with a fit of its own. */
  readonly segmentLength: number;
  /** Where in their cells vectors and samples lie; `"mixed"`: the middle in a first segment, the right end afterwards. */
  readonly grid: PositionGrid;
  /** Whether the fit sees zeros outside `[0, 1]`, or the vectors alone; always `"none"` with Fourier and Legendre functions. */
  readonly padding: Padding;
  /** Where the past is sampled: evenly, or where attention has looked (sticky memories). */
  readonly sampling: "uniform" | "sticky";
  /** D, how many bins of `[0, 1]` attention is counted in for sticky sampling. */
  readonly stickyBins: number;
  /** Where in a drawn bin the sample lies: at its left edge, or anywhere with equal probability. */
  readonly stickyPositions: "left-edge" | "within-bin";
  /** A memory that has absorbed this many segments is emptied before the next; `null`: never. */
  readonly wipeAfter: number | null;
}

/** The authors' sorting model: launch script for N, code for the rest. */
export const defaultMemoryConfig: MemoryConfig = Object.freeze({
  basis: "gaussian", // all three copies
  basisCount: 512, // launch script
  basisWidths: Object.freeze([0.01, 0.05]), // sorting/long_term_attention.py
  basisPeriod: null, // Fourier functions only
  ridge: 1, // sorting/long_term_attention.py
  contraction: 0.75, // sorting/long_term_attention.py
  sampleCount: 512, // nb_samples, in all three copies
  segmentLength: 1024, // augment_len of the launch script
  grid: "mixed", // all three copies; the paper has i/L, "endpoints"
  padding: "zeros", // all three copies; the paper has "none"
  sampling: "uniform", // the sorting model; the language models are sticky
  stickyBins: 128, // both language models
  stickyPositions: "left-edge", // both language models
  wipeAfter: null, // finetune_gpt2 wipes after 2,048 positions, 4 segments
});

/** Bases that are periodic, or end at 0 and 1: zeros outside mean nothing to them. */
const unpadded: readonly string[] = ["fourier", "legendre"];

/** `defaultMemoryConfig` as far as it applies to a basis: no widths but for Gaussian functions, no padding where there is no outside. */
export function memoryDefaults(basis: MemoryConfig["basis"] = "gaussian"): MemoryConfig {
  return {
    ...defaultMemoryConfig,
    basis,
    ...basisDefaults(basis, defaultMemoryConfig.basisWidths),
    ...(unpadded.includes(basis) ? { padding: "none" as const } : {}),
  };
}

/**
 * Everything that is wrong with a configuration, in the order of its fields.
 * @param fn the function in whose name the messages speak.
 */
export function memoryConfigErrors(config: MemoryConfig, fn = "resolveMemoryConfig"): ConfigError[] {
  const errors: ConfigError[] = [];
  const refuse = (path: keyof MemoryConfig, want: string) => {
    errors.push(new ConfigError(path, `${fn}: ${path} must ${want}, got ${JSON.stringify(config[path])}`));
  };
  const whole = (value: number) => Number.isSafeInteger(value) && value > 0;
  const positive = (value: unknown) => typeof value === "number" && Number.isFinite(value) && value > 0;
  for (const { path, must } of basisFaults(config)) refuse(path, must);
  if (!positive(config.ridge)) refuse("ridge", "be a finite number above 0");
  if (!(config.contraction > 0 && config.contraction < 1))
    refuse("contraction", "lie between 0 and 1, both excluded");
  if (!whole(config.sampleCount)) refuse("sampleCount", "be a whole number above 0");
  if (!whole(config.segmentLength)) refuse("segmentLength", "be a whole number above 0");
  const oneOf = (path: "grid" | "padding" | "sampling" | "stickyPositions", ...names: string[]) => {
    if (!names.includes(config[path])) refuse(path, `be ${names.map((n) => JSON.stringify(n)).join(" or ")}`);
  };
  oneOf("grid", "midpoints", "endpoints", "mixed");
  oneOf("padding", "zeros", "none");
  if (config.padding === "zeros" && unpadded.includes(config.basis)) {
    refuse("padding", `be "none" where basis is ${JSON.stringify(config.basis)}: it has no outside`);
  }
  oneOf("sampling", "uniform", "sticky");
  if (!whole(config.stickyBins)) refuse("stickyBins", "be a whole number above 0");
  oneOf("stickyPositions", "left-edge", "within-bin");
  if (config.wipeAfter !== null && !whole(config.wipeAfter)) {
    refuse("wipeAfter", "be a whole number above 0, or null");
  }
  return errors;
}

/**
 * Fills in defaults and checks every field.
 * @throws {ConfigError} `ERR_CONFIG` with the path of the first field that is out of range.
 */
export function resolveMemoryConfig(options: Partial<MemoryConfig> = {}): MemoryConfig {
  const config = { ...memoryDefaults(options.basis), ...options };
  const [first] = memoryConfigErrors(config);
  if (first) throw first;
  return Object.freeze({ ...config, basisWidths: Object.freeze([...config.basisWidths]) });
}
