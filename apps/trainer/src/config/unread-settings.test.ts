import { describe, expect, it } from "vitest";
import { checkModel } from "../language-model.js";
import { baseConfig } from "./presets.js";
import type { ModelSettings } from "./schema.js";
import { whyUnread } from "./unread-settings.js";

/** Another value of each setting that a model's own configuration may hold. */
const others: Partial<ModelSettings> = {
  memoryLayers: [1],
  memoryInput: "normed",
  positions: 48,
  tokenRows: 99,
  normEpsilon: 1e-3,
  scaledScores: false,
  scoresByLayer: true,
  layers: 2,
  modelSize: 64,
  heads: 4,
  innerSize: 99,
  segmentLength: 16,
  shortTermLength: 32,
  compressedLength: 9,
  compressionRatio: 3,
  norm: "post",
  finalNorm: false,
  activation: "gelu",
  tiedOutput: true,
  cutoffs: [20],
  divisor: 2,
  initializer: "fan-in",
  dropout: 0.5,
  basisCount: 16,
  basisWidths: [0.25],
  ridge: 0.125,
  contraction: 0.25,
  sampleCount: 9,
  grid: "midpoints",
  padding: "none",
  sampling: "sticky",
  stickyBins: 9,
  stickyPositions: "within-bin",
  wipeAfter: 3,
  gate: true,
  density: "biweight",
  densityCount: 2,
  densityFrom: "moments",
  affineBias: true,
  varianceFloor: 0.5,
  priorWidth: 0.5,
  priorMean: 0.5,
};

const sticky = { sampling: "sticky" } as const;
const models: readonly (readonly [name: string, settings: Partial<ModelSettings>])[] = [
  ["∞-former", { kind: "infinite-former", ...sticky }],
  ["∞-former with clusters", { kind: "infinite-former", cutoffs: [10], modelSize: 128, ...sticky }],
  ["Transformer-XL", { kind: "transformer-xl" }],
  ["Compressive Transformer", { kind: "compressive" }],
  ["GPT-2", { kind: "gpt2" }],
  ["GPT-2 with a long-term memory", { kind: "gpt2", memory: "infinite", ...sticky }],
  ["GPT-2 with a compressed memory", { kind: "gpt2", memory: "compressive" }],
];

describe("whyUnread", () => {
  it.each(models)(
    "is told of those settings that the configuration of a %s is the same without",
    (_, own) => {
      const model = { ...baseConfig.model, ...own };
      const config = JSON.stringify(checkModel(model, 50));
      for (const [field, value] of Object.entries(others)) {
        if (field === "sampling" && own.sampling === value) continue;
        if (field === "cutoffs" && own.kind === "gpt2") continue; // refused
        const changed = JSON.stringify(checkModel({ ...model, [field]: value }, 50)) !== config;
        expect([field, whyUnread(`model.${field}`, model) === null]).toEqual([field, changed]);
      }
    },
  );

  it("says what the model is, and what memory reads it", () => {
    const why = (field: string, own: Partial<ModelSettings>): string | null =>
      whyUnread(`model.${field}`, { ...baseConfig.model, ...own });
    expect(why("normEpsilon", {})).toBe('model.kind is "infinite-former"');
    expect(why("ridge", { kind: "transformer-xl" })).toBe('model.kind is "transformer-xl"');
    expect(why("ridge", { kind: "gpt2" })).toBe('model.memory is "none"; give --set model.memory=infinite');
    expect(why("compressionRatio", { kind: "gpt2" })).toBe(
      'model.memory is "none"; give --set model.memory=compressive',
    );
    expect(why("ridge", { kind: "gpt2", memory: "compressive" })).toBe('model.memory is "compressive"');
    expect(why("stickyBins", {})).toBe('model.sampling is "uniform"');
    expect(why("priorMean", { klWeight: 0 })).toBe("model.klWeight is 0");
    expect(why("basisWidths", { basis: "fourier" })).toBe('model.basis is "fourier"');
    expect(why("divisor", {})).toBe("model.cutoffs is empty");
  });

  it("knows what acts beside the configuration: weights of penalties, and how a memory begins", () => {
    for (const [name, own] of models) {
      const model = { ...baseConfig.model, ...own };
      const infinite = own.kind === "infinite-former" || own.memory === "infinite";
      const rows = own.kind === "compressive" || own.memory === "compressive";
      const read = (field: string): boolean => whyUnread(`model.${field}`, model) === null;
      expect([name, read("klWeight"), read("reconstructionWeight"), read("memoryStart")]).toEqual([
        name,
        infinite,
        rows,
        own.memory !== undefined,
      ]);
    }
    const rate = models.map(([, own]) =>
      whyUnread("training.memoryLearningRate", { ...baseConfig.model, ...own }),
    );
    const none = 'model.memory is "none"; give --set model.memory=infinite';
    expect(rate).toEqual([null, null, 'model.kind is "transformer-xl"', null, none, null, null]);
    expect(whyUnread("training.steps", baseConfig.model)).toBeNull();
  });
});
