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
  /** Which layers have the memory, ascending, counted from 0; all by default. */
  readonly layers: readonly number[];
}

/**
 * A memory of compressed rows in place of the long-term memory, to compare it
 * with: see {@link readCompressed}.
 */
export interface Gpt2CompressedConfig {
  /** Compressed rows that are kept, the newest. */
  readonly length: number;
  /** Hidden states that become one row. */
  readonly ratio: number;
  /** Which layers have the memory, ascending, counted from 0; all by default. */
  readonly layers: readonly number[];
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
  /** Absent in a plain GPT-2, and where there is a long-term memory. */
  readonly compressed?: Gpt2CompressedConfig;
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

const sizes = ["vocabularySize", "positions", "layers", "modelSize", "heads"] as const;
type Sizes = Pick<Gpt2Config, (typeof sizes)[number]>;
const derived = [
  "innerSize",
  "segmentLength",
  "headSize",
  "longTerm",
  "compressed",
] as const satisfies readonly (keyof Gpt2Config)[];
const fields = [...sizes, ...derived, ...Object.keys(defaultGpt2Config)];

/** 512 rows, each of two hidden states: the authors' `compression_rate`; they released no such model. */
export const defaultGpt2CompressedConfig: Readonly<Pick<Gpt2CompressedConfig, "length" | "ratio">> =
  Object.freeze({ length: 512, ratio: 2 });

/** What a caller must say of a GPT-2; the rest has defaults: `innerSize` 4·modelSize, `segmentLength` all positions. */
export type Gpt2Options = Sizes &
  Partial<Omit<Gpt2Config, "headSize" | "longTerm" | "compressed">> & {
    readonly longTerm?: Partial<Gpt2LongTermConfig>;
    readonly compressed?: Partial<Gpt2CompressedConfig>;
  };

const check = configChecks("gpt2");

/**
 * Fills in defaults and checks every field.
 *
 * @throws {ConfigError} `ERR_CONFIG` naming the path of the first field at fault.
 */
export function resolveGpt2Config(options: Gpt2Options): Gpt2Config {
  check.known("", options, fields);
  check.known("dropout.", options.dropout ?? {}, Object.keys(defaultGpt2Config.dropout));
  const { longTerm: given, compressed, ...body } = options;
  const config = {
    ...defaultGpt2Config,
    innerSize: 4 * options.modelSize,
    segmentLength: options.positions,
    ...body,
    headSize: options.modelSize / options.heads,
  };
  for (const path of [...sizes, "innerSize"] as const) {
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
  if (given !== undefined && compressed !== undefined) {
    check.fault("compressed", "be left out where there is a longTerm", compressed);
  }
  return Object.freeze({
    ...config,
    ...(given === undefined ? {} : { longTerm: resolveLongTerm(given, config) }),
    ...(compressed === undefined ? {} : { compressed: resolveCompressed(compressed, config) }),
  });
}

function resolveCompressed(
  given: Partial<Gpt2CompressedConfig>,
  { layers }: Pick<Gpt2Config, "layers">,
): Gpt2CompressedConfig {
  check.known("compressed.", given, ["length", "ratio", "layers"]);
  const memory = { ...defaultGpt2CompressedConfig, ...given };
  check.integer("compressed.length", memory.length);
  check.integer("compressed.ratio", memory.ratio);
  return Object.freeze({ ...memory, layers: resolveLayers("compressed.layers", given.layers, layers) });
}

function resolveLayers(
  path: string,
  given: readonly number[] | undefined,
  layers: number,
): readonly number[] {
  if (given === undefined) return Object.freeze(Array.from({ length: layers }, (_, layer) => layer));
  const fits =
    Array.isArray(given) &&
    given.length > 0 &&
    given.every((layer, i) => Number.isSafeInteger(layer) && layer < layers && layer > (given[i - 1] ?? -1));
  if (!fits) check.fault(path, `be ascending layers below ${layers}, at least one`, given);
  return Object.freeze([...given]);
}

function resolveLongTerm(
  given: Partial<Gpt2LongTermConfig>,
  { segmentLength, layers: count }: Pick<Gpt2Config, "segmentLength" | "layers">,
): Gpt2LongTermConfig {
  const { input = "hidden", layers, ...memory } = given;
  check.oneOf("longTerm.input", input, ["hidden", "normed"]);
  const { basisWidths, ...defaults } = defaultGpt2LongTermConfig;
  const widths = (memory.basis ?? "gaussian") === "gaussian" && basisWidths ? { basisWidths } : {};
  const longTerm = { ...defaults, ...widths, segmentLength, ...memory };
  if (longTerm.segmentLength !== segmentLength) {
    check.fault("longTerm.segmentLength", `be the model's ${segmentLength}`, longTerm.segmentLength);
  }
  const own = { input, layers: resolveLayers("longTerm.layers", layers, count) };
  return Object.freeze({ ...resolveLongTermConfig(longTerm), ...own });
}

/** Whether a configuration has a long-term memory. */
export function remembers(config: Gpt2Config): config is Gpt2WithMemoryConfig {
  return config.longTerm !== undefined;
}

/** The layers that have a memory of either kind, ascending; a state holds one memory for each, in this order. */
export function memoryLayers({
  longTerm,
  compressed,
}: Pick<Gpt2Config, "longTerm" | "compressed">): readonly number[] {
  return longTerm?.layers ?? compressed?.layers ?? [];
}
