import type { ContinuousAttentionConfig, DensityFamily } from "@infinite-former/attention";
import { densityDefaults, resolveContinuousAttentionConfig } from "@infinite-former/attention";
import type { MemoryConfig } from "@infinite-former/memory";
import { defaultMemoryConfig, memoryDefaults, resolveMemoryConfig } from "@infinite-former/memory";
import { type AdaptiveConfig, resolveAdaptiveConfig } from "./adaptive-config.js";
import { type ConfigChecks, configChecks } from "./config-checks.js";

/** Hyper-parameters of a Transformer-XL language model. JSON-serialisable. */
export interface TransformerXlConfig {
  /** Number of token ids, V. */
  readonly vocabularySize: number;
  /** Number of blocks. */
  readonly layers: number;
  /** Width of the hidden states, even (the sinusoid has two halves). */
  readonly modelSize: number;
  /** Attention heads. */
  readonly heads: number;
  /** Width of one head; `modelSize / heads` by default. */
  readonly headSize: number;
  /** Width of the position-wise inner layer. */
  readonly innerSize: number;
  /** Tokens of one segment, L. */
  readonly segmentLength: number;
  /** Hidden states of the past that stay readable word by word, S. */
  readonly shortTermLength: number;
  /** Where the layer norms stand: after the residual sum (the authors' default) or before each sub-layer. */
  readonly norm: "post" | "pre";
  /** Whether a layer norm follows the last block; the authors have none. */
  readonly finalNorm: boolean;
  /** Non-linearity of the position-wise layers; the authors use `relu`. */
  readonly activation: "relu" | "gelu";
  /** Whether the output head is the embedding table; the authors' sorting model keeps its own matrix. */
  readonly tiedOutput: boolean;
  /** Clusters of words for large vocabularies: `logits` are then log-probabilities. `null`, the default: none. */
  readonly adaptive: AdaptiveConfig | null;
  /**
   * How kernels and embedding begin: `"normal"` N(0, .02²), as the authors' do whatever the width, or `"fan-in"`:
   * N(0, 1/(3·inputs)), the variance of PyTorch's default, and an embedding whose scaled rows have variance 1.
   */
  readonly initializer: "normal" | "fan-in";
  /** Dropout rate in [0, 1) at the authors' places: embeddings, positions, inner and outer feed-forward, last hidden states. */
  readonly dropout: number;
}

/**
 * What the long-term memory of one ∞-former adds. Its `segmentLength`, the
 * rows absorbed at a time, is that of the model unless said otherwise.
 */
export interface LongTermConfig extends MemoryConfig {
  /** Whether new vectors pass the convolutional gate before they are fitted (the authors' `mask`). */
  readonly gate: boolean;
  /** Density of the attention: normal (continuous softmax), truncated parabola (sparsemax), biweight (1.5-entmax), or Gibbs. */
  readonly density: DensityFamily;
  /** K, how many densities each head and query mixes; 1 for a single one. */
  readonly densityCount: number;
  /**
   * Where its mean and variance come from: affine maps of the scores, or moments of the basis under a softmax of
   * them; `"scores"` with Gibbs densities.
   */
  readonly densityFrom: ContinuousAttentionConfig["densityFrom"];
  /** Whether the affine maps have biases (the paper says affine, the authors' code has none). */
  readonly affineBias: boolean;
  /** Smallest variance of an attention density, in positions squared, ≥ 0. */
  readonly varianceFloor: number;
  /** Width σ₀ of the prior density in the KL penalty, in positions. */
  readonly priorWidth: number;
  /** Mean μ₀ of the prior density, or `null` for the form without a mean term. */
  readonly priorMean: number | null;
}

/** Hyper-parameters of an ∞-former language model: a Transformer-XL with a continuous long-term memory. */
export interface InfiniteFormerConfig extends TransformerXlConfig {
  readonly longTerm: LongTermConfig;
}

/** Either model. */
export type TransformerConfig = TransformerXlConfig | InfiniteFormerConfig;

/** Defaults of everything but the sizes: the authors' sorting model, without dropout. */
export const defaultTransformerConfig: Readonly<
  Pick<
    TransformerXlConfig,
    "norm" | "finalNorm" | "activation" | "tiedOutput" | "adaptive" | "initializer" | "dropout"
  >
> = Object.freeze({
  norm: "post",
  finalNorm: false,
  activation: "relu",
  tiedOutput: false,
  adaptive: null,
  initializer: "normal",
  dropout: 0,
});

const { segmentLength: _, ...withoutLength } = defaultMemoryConfig;

/** Defaults of the long-term memory: the authors' sorting model (basis widths .01 and .05, τ = .75, λ = 1, M = 512). */
export const defaultLongTermConfig: Readonly<Omit<LongTermConfig, "segmentLength">> = Object.freeze({
  ...withoutLength,
  gate: true,
  density: "gaussian",
  densityCount: 1,
  densityFrom: "affine",
  affineBias: false,
  varianceFloor: 1e-6,
  priorWidth: 0.05,
  priorMean: null,
});

const sizes = [
  "vocabularySize",
  "layers",
  "modelSize",
  "heads",
  "innerSize",
  "segmentLength",
  "shortTermLength",
] as const;
type Sizes = Pick<TransformerXlConfig, (typeof sizes)[number]>;
const fields = [...sizes, "headSize", ...Object.keys(defaultTransformerConfig)];

/** What a caller must say of a Transformer-XL; the rest has defaults. */
export type TransformerXlOptions = Sizes & Partial<TransformerXlConfig>;
/** What a caller must say of an ∞-former; the rest has defaults. */
export type InfiniteFormerOptions = TransformerXlOptions & { readonly longTerm?: Partial<LongTermConfig> };

const check: ConfigChecks = configChecks("transformer");

/**
 * Fills in the defaults of a Transformer-XL and checks every field.
 *
 * @throws {ConfigError} `ERR_CONFIG` naming the path of the first field at fault.
 */
export function resolveTransformerXlConfig(options: TransformerXlOptions): TransformerXlConfig {
  check.known("", options, fields);
  const headSize = options.headSize ?? options.modelSize / options.heads;
  const config: TransformerXlConfig = { ...defaultTransformerConfig, ...options, headSize };
  for (const field of sizes) check.integer(field, config[field], field === "shortTermLength" ? 0 : 1);
  if (options.headSize === undefined && config.modelSize % config.heads !== 0) {
    check.fault("heads", `divide modelSize ${config.modelSize}, or headSize be given`, config.heads);
  }
  check.integer("headSize", config.headSize);
  if (config.modelSize % 2 !== 0) check.fault("modelSize", "be even", config.modelSize);
  check.rate("dropout", config.dropout);
  check.oneOf("norm", config.norm, ["pre", "post"]);
  check.oneOf("activation", config.activation, ["relu", "gelu"]);
  check.oneOf("initializer", config.initializer, ["normal", "fan-in"]);
  check.flag("finalNorm", config.finalNorm);
  check.flag("tiedOutput", config.tiedOutput);
  const adaptive = resolveAdaptiveConfig(check, config, config.adaptive);
  return Object.freeze({ ...config, adaptive });
}

/**
 * Fills in the defaults of an ∞-former and checks every field.
 *
 * @throws {ConfigError} `ERR_CONFIG` naming the path of the first field at fault.
 */
export function resolveInfiniteFormerConfig(options: InfiniteFormerOptions): InfiniteFormerConfig {
  const { longTerm: given, ...rest } = options;
  const body = resolveTransformerXlConfig(rest);
  const longTerm = resolveLongTermConfig({ segmentLength: body.segmentLength, ...given });
  return Object.freeze({ ...body, longTerm });
}

/**
 * Fills in the defaults of a long-term memory and checks every field.
 *
 * @throws {ConfigError} `ERR_CONFIG` naming the path of the first field at fault.
 */
export function resolveLongTermConfig(
  options: Pick<LongTermConfig, "segmentLength"> & Partial<LongTermConfig>,
): LongTermConfig {
  check.known("longTerm.", options, ["segmentLength", ...Object.keys(defaultLongTermConfig)]);
  const longTerm: LongTermConfig = Object.freeze({
    ...defaultLongTermConfig,
    ...memoryDefaults(options.basis),
    ...densityDefaults(options.density),
    ...options,
  });
  resolveMemoryConfig(memoryConfig({ longTerm }));
  const model = { heads: 1, headSize: 1, modelSize: 1 }; // its own are checked with it
  resolveContinuousAttentionConfig({ ...model, ...attentionSettings(longTerm) }, "longTerm.");
  return longTerm;
}

/** The continuous attention's part of a long-term memory's configuration. */
export function attentionSettings({
  basis,
  basisCount,
  basisWidths,
  basisPeriod,
  density,
  densityCount,
  densityFrom,
  affineBias,
  varianceFloor,
  priorWidth,
  priorMean,
}: LongTermConfig): Omit<ContinuousAttentionConfig, "heads" | "headSize" | "modelSize"> {
  const functions = { basis, basisCount, basisWidths, basisPeriod };
  const form = { density, densityCount, densityFrom, affineBias };
  return { ...functions, ...form, varianceFloor, priorWidth, priorMean };
}

/** The memory's part of a configuration with a long-term memory. */
export function memoryConfig(config: { readonly longTerm: LongTermConfig }): MemoryConfig {
  const fields = Object.keys(defaultMemoryConfig) as (keyof MemoryConfig)[];
  return Object.fromEntries(
    fields.map((field) => [field, config.longTerm[field]]),
  ) as unknown as MemoryConfig;
}

/** Whether a configuration describes an ∞-former. */
export function hasLongTerm(config: TransformerConfig): config is InfiniteFormerConfig {
  return "longTerm" in config;
}
