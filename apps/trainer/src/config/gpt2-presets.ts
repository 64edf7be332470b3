import { gpt2LongTermPresets } from "@infinite-former/gpt2";
import type { Preset } from "./presets.js";
import type { PartialTrainerConfig } from "./schema.js";

const weights = {
  path: "model.from",
  what: "a folder with GPT-2 small in Hugging Face layout (config.json, model.safetensors, tokenizer.json), as in --set model.from=PATH",
} as const;

/**
 * The authors' fine-tuning of GPT-2 small: the settings of their README, of
 * `infinite_memory_transformer_sticky_mem/config.json` and of their trainer's
 * defaults (one epoch in order, rates of 5e-5 and of 2.5e-4 for the memory, both
 * falling to 0, no decay), a block of 512 after the other. The released code
 * empties the memory every 2,048 positions and has a term for the mean in the
 * KL penalty: `gpt2LongTermPresets.reference` says both.
 */
const published: PartialTrainerConfig = {
  model: {
    ...gpt2LongTermPresets.reference,
    kind: "gpt2",
    memory: "infinite",
    memoryStart: "authors",
    sampling: "sticky",
    segmentLength: 512,
    basisCount: 512,
    basisWidths: [0.005, 0.01],
    ridge: 0.5,
    contraction: 0.5,
    sampleCount: 512,
    stickyBins: 128,
    priorWidth: 0.05,
    klWeight: 1e-6,
    compressedLength: 512,
    compressionRatio: 2,
    dropout: 0.1,
  },
  training: {
    epochs: 1,
    batchSize: 1,
    learningRate: 5e-5,
    memoryLearningRate: 2.5e-4,
    minimumLearningRate: 0,
    schedule: "linear",
    warmupSteps: 0,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0,
    clipNorm: 1,
    logEvery: 200,
    evaluateEvery: 20_000,
    evaluateRows: 1,
    evaluateTokens: 65_536,
    checkpointEvery: 2000,
    sampleLength: 200,
    seed: 42,
  },
};

/** A GPT-2 with the real byte pairs that two cores can train. */
const small: PartialTrainerConfig = {
  model: {
    kind: "gpt2",
    layers: 4,
    modelSize: 128,
    heads: 4,
    innerSize: 512,
    segmentLength: 64,
    activation: "gelu",
    tiedOutput: true,
    dropout: 0.1,
    ...memoryOf(64),
  },
  data: { tokenizer: "gpt2" },
  training: {
    steps: 2000,
    batchSize: 8,
    learningRate: 1e-3,
    minimumLearningRate: 1e-4,
    warmupSteps: 100,
    beta2: 0.99,
    weightDecay: 0.1,
    logEvery: 50,
    evaluateEvery: 500,
    evaluateRows: 8,
    evaluateTokens: 16_384,
    checkpointEvery: 500,
    sampleLength: 60,
  },
};

/**
 * The authors' memory at as many functions, samples and compressed rows as a segment has tokens; never emptied.
 * Functions are as wide as theirs against the distance between two centres: 1.28 and 2.56 of it.
 */
function memoryOf(length: number): NonNullable<PartialTrainerConfig["model"]> {
  const distance = 2 / length;
  return {
    gate: true,
    basisCount: length,
    basisWidths: [1.28 * distance, 2.56 * distance],
    ridge: 0.5,
    contraction: 0.5,
    sampleCount: length,
    varianceFloor: 1e-4,
    klWeight: 1e-6,
    compressedLength: length,
    compressionRatio: 2,
  };
}

/** GPT-2: pre-trained in small, fine-tuned in small, and fine-tuned as the authors did. */
export const gpt2Presets: readonly Preset[] = [
  {
    name: "gpt2-small",
    description: "a GPT-2 of 4 layers of 128 with the real byte pairs, from scratch on Moby-Dick",
    config: small,
  },
  {
    name: "gpt2-small-tune",
    description:
      "goes on with such a GPT-2 (model.from), plain or with model.memory=infinite or compressive, on Moby-Dick",
    config: {
      model: { kind: "gpt2", segmentLength: 64, dropout: 0.1, ...memoryOf(64) },
      training: {
        ...small.training,
        steps: 1000,
        learningRate: 2e-4,
        minimumLearningRate: 0,
        memoryLearningRate: 1e-3,
        schedule: "linear",
        warmupSteps: 0,
        weightDecay: 0,
      },
    },
    needs: [{ path: "model.from", what: "the run of gpt2-small, or a folder in Hugging Face layout" }],
  },
  {
    name: "gpt2-wikitext-103",
    description: "GPT-2 small with a sticky long-term memory, fine-tuned on WikiText-103 as the authors did",
    config: { ...published, data: { corpus: "wikitext-103" } },
    needs: [weights],
  },
  {
    name: "gpt2-pg19",
    description: "GPT-2 small with a sticky long-term memory, fine-tuned on PG-19 as the authors did",
    config: { ...published, data: { layout: "pg19" } },
    needs: [
      weights,
      {
        path: "data.text",
        what: "a folder with PG-19's train, validation and test, as in --set data.text=PATH",
      },
    ],
  },
];
