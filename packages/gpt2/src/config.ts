import type { Activation, LongTermConfig } from "@infinite-former/transformer";
import { configChecks, resolveLongTermConfig } from "@infinite-former/transformer";

/** Dropout rates in [0, 1), by place. */
export interface Gpt2DropoutRates {
  /** Of token plus position embeddings. */
  readonly embedding: number;
  /** Of attention weights. */
  readonly attention: number;
  /** Of what attention and position-wise layers add to the residual stream. */
  readonly residual: number;
}

/** What the long-term memory of a GPT-2 adds. Its `segmentLength` is that of the model. */
export interface Gpt2LongTermConfig extends LongTermConfig {
  /**
   * What each layer absorbs of the segment before: the hidden states as they
   * entered the block (`"hidden"`, the authors' language model), or after the
   * block's first layer norm (`"normed"`, their document-grounded model).
   */
  readonly input: "hidden" | "normed";
}

/** Hyper-parameters of a GPT-2, with a long-term memory or without. JSON-serialisable. */
export interface Gpt2Config {
  /** Number of token ids, V. */
  readonly vocabularySize: number;
  /** Learnt positions. */
  readonly positions: number;
  /** Tokens of one segment, L, at most `positions`; positions and direct attention start anew with each. */
  readonly segmentLength: number;
  /** Number of blocks. */
  readonly layers: number;
  /** Width of the hidden states. */
  readonly modelSize: number;
  /** Attention heads; divides `modelSize`. */
  readonly heads: number;
  /** `modelSize / heads`. */
  readonly headSize: number;
  /** Width of the position-wise inner layer. */
  readonly innerSize: number;
  /** Non-linearity of the position-wise layers; GPT-2's own is `gelu`, the tanh approximation. */
  readonly activation: Activation;
  /** ε of every layer norm. */
  readonly normEpsilon: number;
  /** Whether scores are divided by √headSize. */
  readonly scaledScores: boolean;
  /** Whether scores of block i (from 1) are divided by i as well. */
  readonly scoresByLayer: boolean;
  /** Whether the output head is the token table. */
  readonly tiedOutput: boolean;
  readonly dropout: Gpt2DropoutRates;
  /** Absent in a plain GPT-2. */
  readonly longTerm?: Gpt2LongTermConfig;
}

/** A GPT-2 with a long-term memory. */
export type Gpt2WithMemoryConfig = Gpt2Config & { readonly longTerm: Gpt2LongTermConfig };

/** GPT-2 as published (Hugging Face's `GPT2Config`), but for the sizes and without dropout. */
export const defaultGpt2Config: Readonly<
  Pick<Gpt2Config, "activation" | "normEpsilon" | "scaledScores" | "scoresByLayer" | "tiedOutput" | "dropout">
> = Object.freeze({
  activation: "gelu",
  normEpsilon: 1e-5,
  scaledScores: true,
  scoresByLayer: false,
  tiedOutput: true,
  dropout: Object.freeze({ embedding: 0, attention: 0, residual: 0 }),
});

/** The authors' GPT-2 models (widths .005 and .01, τ = .5, λ = .5, σ² ≥ 1e-4); no term for the mean in the KL penalty. */
export const defaultGpt2LongTermConfig: Readonly<Partial<Gpt2LongTermConfig>> = Object.freeze({
  basisWidths: Object.freeze([0.005, 0.01]),
  ridge: 0.5,
  contraction: 0.5,
  varianceFloor: 1e-4,
});

type Sizes = Pick<Gpt2Config, "vocabularySize" | "positions" | "layers" | "modelSize" | "heads">;

/** What a caller must say of a GPT-2; the rest has defaults: `innerSize` 4·modelSize, `segmentLength` all positions. */
export type Gpt2Options = Sizes &
  Partial<Omit<Gpt2Config, "headSize" | "longTerm">> & { readonly longTerm?: Partial<Gpt2LongTermConfig> };

const check = configChecks("gpt2");

/**
 * Fills in defaults and checks every field.
 *
 * @throws {ConfigError} `ERR_CONFIG` naming the path of the first field at fault.
 */
export function resolveGpt2Config(options: Gpt2Options): Gpt2Config {
  const { longTerm: given, ...body } = options;
  const config = {
    ...defaultGpt2Config,
    innerSize: 4 * options.modelSize,
    segmentLength: options.positions,
    ...body,
    headSize: options.modelSize / options.heads,
  };
  for (const path of ["vocabularySize", "positions", "layers", "modelSize", "heads", "innerSize"] as const) {
    check.integer(path, config[path]);
  }
  check.integer("segmentLength", config.segmentLength);
  if (config.segmentLength > config.positions) {
    check.fault("segmentLength", `be at most the ${config.positions} positions`, config.segmentLength);
  }
  if (!Number.isSafeInteger(config.headSize)) {
    check.fault("heads", `divide modelSize ${config.modelSize}`, config.heads);
  }
  check.oneOf("activation", config.activation, ["relu", "gelu", "gelu-erf"] satisfies Activation[]);
  const { normEpsilon } = config;
  if (!(Number.isFinite(normEpsilon) && normEpsilon > 0)) {
    check.fault("normEpsilon", "be a finite number above 0", normEpsilon);
  }
  for (const path of ["scaledScores", "scoresByLayer", "tiedOutput"] as const) check.flag(path, config[path]);
  for (const [place, rate] of Object.entries(config.dropout)) check.rate(`dropout.${place}`, rate);
  if (given === undefined) return Object.freeze(config);
  return Object.freeze({ ...config, longTerm: resolveLongTerm(given, config.segmentLength) });
}

function resolveLongTerm(given: Partial<Gpt2LongTermConfig>, segmentLength: number): Gpt2LongTermConfig {
  const { input = "hidden", ...memory } = given;
  check.oneOf("longTerm.input", input, ["hidden", "normed"]);
  const { basisWidths, ...defaults } = defaultGpt2LongTermConfig;
  const widths = (memory.basis ?? "gaussian") === "gaussian" && basisWidths ? { basisWidths } : {};
  const longTerm = { ...defaults, ...widths, segmentLength, ...memory };
  if (longTerm.segmentLength !== segmentLength) {
    check.fault("longTerm.segmentLength", `be the model's ${segmentLength}`, longTerm.segmentLength);
  }
  return Object.freeze({ ...resolveLongTermConfig(longTerm), input });
}

/** Whether a configuration has a long-term memory. */
export function remembers(config: Gpt2Config): config is Gpt2WithMemoryConfig {
  return config.longTerm !== undefined;
}
