import { didYouMean, UsageError } from "@infinite-former/command-line";
import type { Gpt2CompressedConfig, Gpt2LongTermConfig, Gpt2Options } from "@infinite-former/gpt2";
import type { DialogueConfig } from "./dialogue-config.js";

/** Settings under a name. */
export interface Preset extends Omit<DialogueConfig, "model"> {
  readonly name: string;
  readonly about: string;
  /** The body of a model of new weights, and its segments whatever it starts from. */
  readonly body: Omit<Gpt2Options, "vocabularySize" | "positions" | "longTerm" | "compressed">;
  readonly longTerm: Partial<Gpt2LongTermConfig>;
  readonly compressed: Partial<Gpt2CompressedConfig>;
  /** What it cannot do without, in words; `null` where it begins with new weights. */
  readonly needs: string | null;
}

const data: DialogueConfig["data"] = {
  tokenizer: null,
  withDocument: true,
  documentTokens: null,
  historyTurns: null,
  turnTokens: null,
  firstResponse: 3,
  responseTokens: 50,
};

/**
 * The authors' memory of 512 functions at as many functions and samples as asked for, their widths in the same
 * proportion to their distance; it absorbs what has passed the first layer norm, as in the authors' dialogue copy.
 */
const memoryOf = (size: number): Pick<Preset, "longTerm" | "compressed"> => ({
  longTerm: {
    basisCount: size,
    basisWidths: [(0.005 * 512) / size, (0.01 * 512) / size],
    ridge: 0.5,
    contraction: 0.5,
    sampleCount: size,
    varianceFloor: 1e-4,
    input: "normed",
  },
  compressed: { length: size, ratio: 2 },
});

const dropout = (rate: number): NonNullable<Gpt2Options["dropout"]> => ({
  embedding: rate,
  attention: rate,
  residual: rate,
});

/** All presets; the first is the default. */
export const presets: readonly Preset[] = [
  {
    name: "small",
    about: "a GPT-2 of 4 layers of 128 with segments of 128 and a memory of 64, for two cores",
    body: { layers: 4, modelSize: 128, heads: 4, segmentLength: 128, dropout: dropout(0.1) },
    ...memoryOf(64),
    data,
    training: {
      steps: 1000,
      batchSize: 8,
      learningRate: 1e-3,
      memoryLearningRate: null,
      warmupSteps: 50,
      weightDecay: 0.01,
      clipNorm: 1,
      klWeight: 1e-5,
      reconstructionWeight: 1,
      memoryStart: "silent",
      reportEvery: 50,
      checkpointEvery: 100,
    },
    evaluation: { topP: 0.9, temperature: 1, rows: 8, examples: 6 },
    needs: null,
  },
  {
    name: "gpt2",
    about: "GPT-2 small (--from) with segments of 512 and a memory of 512, one response an update",
    body: { layers: 12, modelSize: 768, heads: 12, segmentLength: 512, dropout: dropout(0.1) },
    ...memoryOf(512),
    data,
    training: {
      steps: 60_000,
      batchSize: 1,
      learningRate: 5e-5,
      memoryLearningRate: 2.5e-4,
      warmupSteps: 0,
      weightDecay: 0,
      clipNorm: 1,
      klWeight: 1e-5,
      reconstructionWeight: 1,
      memoryStart: "authors",
      reportEvery: 200,
      checkpointEvery: 1000,
    },
    evaluation: { topP: 0.9, temperature: 1, rows: 8, examples: 20 },
    needs: "--from: a folder with GPT-2 small in Hugging Face layout (config.json, model.safetensors)",
  },
];

/** @throws {UsageError} `ERR_USAGE` naming the presets that there are. */
export function findPreset(name: string): Preset {
  const names = presets.map((preset) => preset.name);
  const found = presets.find((preset) => preset.name === name);
  if (found !== undefined) return found;
  const meant = didYouMean(name, names);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new UsageError(`--preset must be ${names.join(" or ")}, got ${JSON.stringify(name)}${hint}`);
}
