import { activateBackend } from "@infinite-former/backend";
import { characterVocabulary } from "@infinite-former/datasets";
import { createRng } from "@infinite-former/random";
import { countParameters } from "@infinite-former/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { findPreset, presetConfig } from "../config/resolve.js";
import type { TrainerConfig } from "../config/schema.js";
import { createLanguageModel, disposeLanguageModel } from "../language-model.js";
import { assertFitsMachine, leastToTrain } from "./memory-needed.js";

beforeAll(async () => {
  await activateBackend("cpu");
});

const vocabulary = characterVocabulary(
  String.fromCodePoint(...Array.from({ length: 299 }, (_, i) => 256 + i)),
);
const tiny = presetConfig(findPreset("tiny"));

describe("leastToTrain", () => {
  it.each([
    ["infinite-former", {}],
    ["transformer-xl", { tiedOutput: true }],
    ["transformer-xl", { tiedOutput: true, cutoffs: [50, 120], divisor: 2 }],
    ["compressive", { tiedOutput: true }],
    ["gpt2", { tiedOutput: true, activation: "gelu" }],
  ] as const)("is no more than what a %s with %j has, and most of it", (kind, change) => {
    const config: TrainerConfig = {
      ...tiny,
      model: { ...tiny.model, kind, modelSize: 32, heads: 4, innerSize: 64, ...change } as never,
    };
    const model = createLanguageModel(config.model, vocabulary, createRng(1));
    const count = countParameters(model.params);
    disposeLanguageModel(model);
    const { parameters, bytes } = leastToTrain(config, vocabulary.size);
    expect(parameters).toBeLessThanOrEqual(count);
    expect(parameters).toBeGreaterThan(0.3 * count);
    expect(bytes).toBeGreaterThan(16 * parameters);
  });
});

describe("assertFitsMachine", () => {
  it("refuses what cannot be held, and lets pass what can", () => {
    const huge: TrainerConfig = {
      ...tiny,
      model: { ...tiny.model, modelSize: 65_536, innerSize: 65_536, heads: 1024, layers: 64 },
    };
    expect(() => assertFitsMachine(huge, 65, 24e9)).toThrow(
      /model: must fit this machine: some 1,649,271,701,504 parameters, training them and 4 rows of 16 tokens takes 24,578 GiB at the least, got 23 GiB: lower model\.modelSize/,
    );
    const { bytes } = leastToTrain(tiny, 65);
    expect(() => assertFitsMachine(tiny, 65, bytes)).not.toThrow();
    expect(() => assertFitsMachine(tiny, 65, bytes - 1)).toThrow("must fit this machine");
  });
});
