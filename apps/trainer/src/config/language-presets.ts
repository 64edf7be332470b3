import type { ModelSettings, PartialTrainerConfig } from "./schema.js";

/** A model of the paper's comparison, by the name that results have. */
type ComparedModel = "transformer-xl" | "compressive" | "infinite-former" | "infinite-former-sticky";

const comparedModels: Readonly<Record<ComparedModel, Partial<ModelSettings>>> = {
  "transformer-xl": { kind: "transformer-xl" },
  compressive: { kind: "compressive" },
  "infinite-former": { kind: "infinite-former" },
  "infinite-former-sticky": { kind: "infinite-former", sampling: "sticky" },
};

const titles: Readonly<Record<ComparedModel, string>> = {
  "transformer-xl": "Transformer-XL",
  compressive: "Compressive Transformer",
  "infinite-former": "∞-former",
  "infinite-former-sticky": "∞-former with sticky memories",
};

/**
 * Sizes and schedule of the paper's language models on WikiText-103 (section
 * 5.2): Transformer-XL's base model with segment and memory of 150. What the
 * paper leaves open is as in Transformer-XL's own script (batch, optimiser,
 * clipping, dropout, clusters) and as in the authors' code for language models
 * (widths, τ, ridge, variance floor, KL weight); the compressed memory has as
 * many rows as the short-term one, the signal as many functions, and as many
 * samples are taken of its past.
 */
const published: PartialTrainerConfig = {
  model: {
    layers: 16,
    modelSize: 410,
    heads: 10,
    innerSize: 2100,
    segmentLength: 150,
    shortTermLength: 150,
    compressedLength: 150,
    compressionRatio: 4,
    norm: "post",
    finalNorm: false,
    tiedOutput: true,
    cutoffs: [20_000, 40_000, 200_000],
    divisor: 1,
    dropout: 0.1,
    basisCount: 150,
    basisWidths: [0.005, 0.01],
    ridge: 0.5,
    contraction: 0.5,
    sampleCount: 150,
    varianceFloor: 1e-4,
    klWeight: 1e-6,
  },
  data: { corpus: "wikitext-103", tokenizer: "words" },
  training: {
    steps: 200_000,
    batchSize: 60,
    learningRate: 2.5e-4,
    minimumLearningRate: 0,
    schedule: "cosine",
    warmupSteps: 0,
    beta1: 0.9,
    beta2: 0.999,
    weightDecay: 0,
    clipNorm: 0.25,
    logEvery: 200,
    evaluateEvery: 4000,
    evaluateRows: 10,
    evaluateTokens: 0,
    checkpointEvery: 1000,
    sampleLength: 300,
  },
};

/** The same comparison at a size that ends within half an hour on two cores. */
const small: PartialTrainerConfig = {
  model: {
    layers: 4,
    modelSize: 128,
    heads: 4,
    innerSize: 512,
    segmentLength: 64,
    shortTermLength: 64,
    compressedLength: 64,
    compressionRatio: 4,
    tiedOutput: true,
    cutoffs: [2000, 8000],
    divisor: 2,
    initializer: "fan-in",
    dropout: 0.1,
    basisCount: 64,
    sampleCount: 64,
  },
  data: { corpus: "sotu-wikitext", tokenizer: "words", minimumCount: 3, trainFraction: 0.98 },
  training: {
    steps: 4000,
    batchSize: 8,
    learningRate: 2e-3,
    minimumLearningRate: 2e-5,
    warmupSteps: 200,
    logEvery: 50,
    evaluateEvery: 1000,
    evaluateRows: 4,
    evaluateTokens: 16_384,
    checkpointEvery: 500,
    sampleLength: 60,
  },
};

/** One preset a model: the settings of `base` with the model's kind. */
function compared(
  base: PartialTrainerConfig,
  name: (model: ComparedModel) => string,
  about: string,
): { readonly name: string; readonly description: string; readonly config: PartialTrainerConfig }[] {
  return Object.entries(comparedModels).map(([model, kind]) => ({
    name: name(model as ComparedModel),
    description: `${titles[model as ComparedModel]}, ${about}`,
    config: { ...base, model: { ...base.model, ...kind } },
  }));
}

/** Language models of words: the paper's from scratch, and the same comparison in small. */
export const languagePresets: ReturnType<typeof compared> = [
  ...compared(
    small,
    (model) => `${model}-small`,
    "4 layers of 128, on speeches and WikiText's validation text; some 10 minutes on native TensorFlow",
  ),
  ...compared(
    published,
    (model) => `wikitext-103-${model}`,
    "the paper's 16 layers of 410, on WikiText-103; for a bigger machine",
  ),
];
