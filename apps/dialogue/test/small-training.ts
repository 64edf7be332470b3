import { fileURLToPath } from "node:url";

/** A tokenizer of 334 tokens. */
export const tinyTokenizer: string = fileURLToPath(
  new URL("../../../packages/datasets/test/fixtures/tiny-bpe", import.meta.url),
);

const longTerm = {
  "model.longTerm.basisCount": 8,
  "model.longTerm.basisWidths": "0.1,0.2",
  "model.longTerm.sampleCount": 8,
};

/** Settings of each model's memory. */
const memories: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  gpt2: {},
  "gpt2-compressive": { "model.compressed.length": 12 },
  "gpt2-infinite": longTerm,
  "gpt2-infinite-sticky": { ...longTerm, "model.longTerm.stickyBins": 8 },
};

/** Arguments of `train` for a very small model: segments of 24 with room for 10. */
export function smallTraining(
  model: string,
  data: string,
  out: string,
  settings: Readonly<Record<string, unknown>> = {},
): string[] {
  const all: Record<string, unknown> = {
    "model.layers": 1,
    "model.modelSize": 8,
    "model.heads": 2,
    "model.segmentLength": 24,
    "data.tokenizer": tinyTokenizer,
    "data.firstResponse": 1,
    "data.responseTokens": 10,
    "data.documentTokens": 24,
    "training.steps": 4,
    "training.batchSize": 2,
    "training.warmupSteps": 0,
    "training.reportEvery": 2,
    "training.checkpointEvery": 1,
    "evaluation.rows": 2,
    "evaluation.examples": 10,
    ...memories[model],
    ...settings,
  };
  const set = Object.entries(all).flatMap(([path, value]) => ["--set", `${path}=${value}`]);
  return ["train", "--model", model, "--data", data, "--out", out, ...set];
}
