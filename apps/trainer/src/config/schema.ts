import { type DensityFamily, densityFamilies } from "@infinite-former/attention";
import { type CorpusLayout, corpusLayouts } from "@infinite-former/datasets/node";
import { type BasisKind, basisKinds } from "@infinite-former/signal";
import { z } from "zod";

/** The model: a Transformer-XL body, for `infinite-former` with the long-term memory beside it; a Compressive Transformer; or a GPT-2. */
export interface ModelSettings {
  /** With the continuous long-term memory, without one, with compressed rows for it; or a GPT-2, with a memory or without. */
  readonly kind: "infinite-former" | "transformer-xl" | "compressive" | "gpt2";
  /** What a `gpt2` starts from: a folder in Hugging Face layout, a run or one of its checkpoints; null for new weights. Sizes are its own. */
  readonly from: string | null;
  /** Memory of a `gpt2`. */
  readonly memory: "none" | "infinite" | "compressive";
  /** Layers of a `gpt2` that have its memory, ascending, counted from 0; null for all. */
  readonly memoryLayers: readonly number[] | null;
  /** Whether a memory that is added to a `gpt2` changes what it answers at the start, or not a bit. */
  readonly memoryStart: "silent" | "authors";
  /** What the `infinite` memory of a `gpt2` absorbs of a segment: hidden states as they entered the block, or after its first layer norm. */
  readonly memoryInput: "hidden" | "normed";
  /** Learnt positions of a `gpt2`; null for as many as a segment has tokens. */
  readonly positions: number | null;
  /** Rows of the token table of a `gpt2`; null for as many as the vocabulary has tokens. */
  readonly tokenRows: number | null;
  /** ε of the layer norms of a `gpt2`. */
  readonly normEpsilon: number;
  /** Whether a `gpt2` divides scores by √(width of a head). */
  readonly scaledScores: boolean;
  /** Whether a `gpt2` divides scores of its layer i (from 1) by i as well. */
  readonly scoresByLayer: boolean;
  readonly layers: number;
  /** Width of the hidden states, even. */
  readonly modelSize: number;
  /** Attention heads; divides `modelSize`. */
  readonly heads: number;
  /** Width of the position-wise inner layer. */
  readonly innerSize: number;
  /** Tokens of one segment, L. */
  readonly segmentLength: number;
  /** Past hidden states that stay readable one by one; 0 or a multiple of `segmentLength`. */
  readonly shortTermLength: number;
  /** Rows of the compressed memory of `compressive`; other kinds have none. */
  readonly compressedLength: number;
  /** Hidden states that become one row of it. */
  readonly compressionRatio: number;
  /** Weight in the loss of reconstructing attention from compressed rows, which alone trains the compression. */
  readonly reconstructionWeight: number;
  readonly norm: "pre" | "post";
  readonly finalNorm: boolean;
  readonly activation: "relu" | "gelu" | "gelu-erf";
  /** Whether the output head is the embedding table. */
  readonly tiedOutput: boolean;
  /** Where the clusters of an adaptive softmax and input begin: word ids, ascending; none without it. */
  readonly cutoffs: readonly number[];
  /** What each further cluster's width is divided by. */
  readonly divisor: number;
  /** How kernels and embedding of `transformer-xl` and `infinite-former` begin: N(0, .02²), or by the number of a map's inputs; the others begin as their references do. */
  readonly initializer: "normal" | "fan-in";
  /** Rate in [0, 1). */
  readonly dropout: number;
  /** What functions the long-term memory is written in. */
  readonly basis: BasisKind;
  /** Period of Fourier functions, in positions; null for 2, and for other bases. */
  readonly basisPeriod: number | null;
  /** Basis functions N of the long-term memory: even, with Gaussian functions a multiple of the number of widths. */
  readonly basisCount: number;
  /** Widths σ of Gaussian basis functions, in positions; not read with other bases. */
  readonly basisWidths: readonly number[];
  /** Ridge λ of the regression, above 0. */
  readonly ridge: number;
  /** Contraction τ of the past at each update, in (0, 1). */
  readonly contraction: number;
  /** Samples M of the past at each update. */
  readonly sampleCount: number;
  /** Where vectors sit in `[0, 1]`: cell mid-points, right end points, or the first segment at the one and later ones at the other. */
  readonly grid: "midpoints" | "endpoints" | "mixed";
  /** Whether a fit sees zeros outside `[0, 1]`. */
  readonly padding: "zeros" | "none";
  /** How the past is sampled again: evenly, or where attention has looked. */
  readonly sampling: "uniform" | "sticky";
  /** Bins in which sticky sampling counts attention. */
  readonly stickyBins: number;
  /** Where in a drawn bin a sample lies. */
  readonly stickyPositions: "left-edge" | "within-bin";
  /** Segments after which a memory is emptied; null for never. */
  readonly wipeAfter: number | null;
  /** Whether new vectors pass the convolutional gate before they are fitted. */
  readonly gate: boolean;
  /** Density of the attention to the memory: continuous softmax, sparsemax, 1.5-entmax, or a Gibbs density. */
  readonly density: DensityFamily;
  /** How many densities each head and query mixes. */
  readonly densityCount: number;
  /** Where its mean and variance come from: affine maps of the scores, or moments under a softmax of them; `scores` with `gibbs`. */
  readonly densityFrom: "affine" | "moments" | "scores";
  /** Whether the affine maps have biases; only with `densityFrom` `affine`. */
  readonly affineBias: boolean;
  /** Weight of the KL penalty in the loss. */
  readonly klWeight: number;
  /** Smallest variance of an attention density. */
  readonly varianceFloor: number;
  /** Width σ₀ of the prior density. */
  readonly priorWidth: number;
  /** Mean μ₀ of the prior density; null for the form without it. */
  readonly priorMean: number | null;
}

/** All corpora known by name. */
export const corpusNames = ["moby-dick", "sotu-wikitext", "wikitext-103"] as const;

/** A corpus known by name. */
export type CorpusName = (typeof corpusNames)[number];

/** The text. */
export interface DataSettings {
  /** A corpus known by name: `moby-dick` comes with the package, others need the folder of corpora. */
  readonly corpus: CorpusName;
  /** A UTF-8 text file, a folder of them, JSONL, or a folder in the layout of WikiText or PG-19; stands above `corpus`. */
  readonly text: string | null;
  /** How the files of `text` lie; told from them by default. */
  readonly layout: "auto" | CorpusLayout;
  /** Share of the characters, from the start, that train where the corpus has no validation split; the rest validates. */
  readonly trainFraction: number;
  /** `characters`, `words`, `gpt2` (GPT-2's byte pairs), the path of a `tokenizer.json` (or the folder that holds one), or of a run: its vocabulary. */
  readonly tokenizer: string;
  /** Most words of a vocabulary of words; null for no limit. */
  readonly vocabularySize: number | null;
  /** Uses in the training text that a word needs to be in the vocabulary. */
  readonly minimumCount: number;
}

/** Optimiser, schedule and rhythm of a run. */
export interface TrainingSettings {
  /** Updates in the whole run. */
  readonly steps: number;
  /** Passes over the training text in place of `steps`, which are counted when a run begins; null for `steps`. */
  readonly epochs: number | null;
  /** Rows of a batch, each a contiguous stream of the text. */
  readonly batchSize: number;
  /** Peak learning rate. */
  readonly learningRate: number;
  /** The learning rate at the end of a `cosine` or `linear` schedule. */
  readonly minimumLearningRate: number;
  /** Peak learning rate of what a memory has of its own; null for `learningRate`. It goes as that one goes. */
  readonly memoryLearningRate: number | null;
  readonly schedule: "constant" | "cosine" | "linear";
  readonly warmupSteps: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Limit of the gradients' global norm; 0 switches clipping off. */
  readonly clipNorm: number;
  /** Steps between two lines in `metrics.jsonl`. */
  readonly logEvery: number;
  /** Steps between two evaluations; 0 leaves only the last. */
  readonly evaluateEvery: number;
  /** Rows that an evaluation reads side by side, each a contiguous part of the split. */
  readonly evaluateRows: number;
  /** Tokens of the validation split read by the evaluations under way; 0 reads all. The last reads all. */
  readonly evaluateTokens: number;
  /** Steps between two checkpoints; 0 leaves only the last. */
  readonly checkpointEvery: number;
  /** Characters of the sample written at each evaluation; 0 for none. */
  readonly sampleLength: number;
  readonly seed: number;
}

/** A resolved configuration: every field has a value. JSON-serialisable. */
export interface TrainerConfig {
  readonly model: ModelSettings;
  readonly data: DataSettings;
  readonly training: TrainingSettings;
}

/** The configuration with every part optional: what presets and files give. */
export type PartialTrainerConfig = {
  readonly [S in keyof TrainerConfig]?: Partial<TrainerConfig[S]>;
};

const number = (must: string, holds: (value: number) => boolean): z.ZodType<number> =>
  z.custom<number>(
    (value) => typeof value === "number" && Number.isFinite(value) && holds(value),
    `must be ${must}`,
  );
const count = (least: number, most = 1_000_000_000): z.ZodType<number> =>
  number(`an integer from ${least} to ${most}`, (n) => Number.isSafeInteger(n) && n >= least && n <= most);
const positive = number("a number above 0", (n) => n > 0);
const notNegative = number("a number of at least 0", (n) => n >= 0);
const between = number("a number between 0 and 1, neither included", (n) => n > 0 && n < 1);
const rate = number("a number of at least 0 and below 1", (n) => n >= 0 && n < 1);
const flag = z.boolean("must be true or false");
const oneOf = <const T extends string>(...names: T[]): z.ZodType<T> =>
  z.enum(names, `must be ${names.map((name) => JSON.stringify(name)).join(" or ")}`);

/** Name of each section with the schema of each of its fields; the types hold the two in step. */
const sections: {
  readonly [S in keyof TrainerConfig]: { readonly [F in keyof TrainerConfig[S]]: z.ZodType };
} = {
  model: {
    kind: oneOf("infinite-former", "transformer-xl", "compressive", "gpt2"),
    from: z.string("must be the path of a model, or null").min(1, "must not be empty").nullable(),
    memory: oneOf("none", "infinite", "compressive"),
    memoryLayers: z
      .array(count(0, 255), "must be a list of layers, or null")
      .min(1, "must name at least one layer")
      .nullable(),
    memoryStart: oneOf("silent", "authors"),
    memoryInput: oneOf("hidden", "normed"),
    positions: count(1, 65_536).nullable(),
    tokenRows: count(1, 4_194_304).nullable(),
    normEpsilon: positive,
    scaledScores: flag,
    scoresByLayer: flag,
    layers: count(1, 256),
    modelSize: count(2, 65_536),
    heads: count(1, 1024),
    innerSize: count(1, 1_048_576),
    segmentLength: count(1, 65_536),
    shortTermLength: count(0, 1_048_576),
    compressedLength: count(0, 1_048_576),
    compressionRatio: count(1, 65_536),
    reconstructionWeight: notNegative,
    norm: oneOf("pre", "post"),
    finalNorm: flag,
    activation: oneOf("relu", "gelu", "gelu-erf"),
    tiedOutput: flag,
    cutoffs: z.array(count(1), "must be a list of word ids").max(64),
    divisor: count(1, 65_536),
    initializer: oneOf("normal", "fan-in"),
    dropout: rate,
    basis: oneOf(...basisKinds),
    basisPeriod: positive.nullable(),
    basisCount: count(2, 65_536),
    basisWidths: z
      .array(positive, "must be a list of numbers above 0")
      .min(1, "must hold at least one width")
      .max(64),
    ridge: positive,
    contraction: between,
    sampleCount: count(1, 1_048_576),
    grid: oneOf("midpoints", "endpoints", "mixed"),
    padding: oneOf("zeros", "none"),
    sampling: oneOf("uniform", "sticky"),
    stickyBins: count(1, 65_536),
    stickyPositions: oneOf("left-edge", "within-bin"),
    wipeAfter: count(1).nullable(),
    gate: flag,
    density: oneOf(...densityFamilies),
    densityCount: count(1, 256),
    densityFrom: oneOf("affine", "moments", "scores"),
    affineBias: flag,
    klWeight: notNegative,
    varianceFloor: notNegative,
    priorWidth: positive,
    priorMean: number("a number or null", () => true).nullable(),
  },
  data: {
    corpus: oneOf(...corpusNames),
    text: z.string("must be the path of a text file, or null").min(1, "must not be empty").nullable(),
    layout: oneOf("auto", ...corpusLayouts),
    trainFraction: between,
    tokenizer: z
      .string('must be "characters", "words", "gpt2" or the path of a tokenizer.json')
      .min(1, "must not be empty"),
    vocabularySize: count(3).nullable(),
    minimumCount: count(1),
  },
  training: {
    steps: count(1),
    epochs: positive.nullable(),
    batchSize: count(1, 65_536),
    learningRate: positive,
    minimumLearningRate: notNegative,
    memoryLearningRate: positive.nullable(),
    schedule: oneOf("constant", "cosine", "linear"),
    warmupSteps: count(0),
    beta1: rate,
    beta2: rate,
    epsilon: positive,
    weightDecay: notNegative,
    clipNorm: notNegative,
    logEvery: count(1),
    evaluateEvery: count(0),
    evaluateRows: count(1, 65_536),
    evaluateTokens: count(0, Number.MAX_SAFE_INTEGER),
    checkpointEvery: count(0),
    sampleLength: count(0, 100_000),
    seed: count(0, Number.MAX_SAFE_INTEGER),
  },
};

/** Every setting's path (`training.steps`) with the schema of its value, in the order above. */
export const settingSchemas: ReadonlyMap<string, z.ZodType> = new Map(
  Object.entries(sections).flatMap(([section, fields]) =>
    Object.entries(fields).map(([field, leaf]): [string, z.ZodType] => [`${section}.${field}`, leaf]),
  ),
);

/** Names of the sections: `model`, `data`, `training`. */
export const sectionNames: readonly string[] = Object.keys(sections);
