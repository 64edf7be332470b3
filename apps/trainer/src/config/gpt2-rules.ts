import type { Rule } from "./rules.js";

/** Conditions between settings that concern a GPT-2. */
export const gpt2Rules: readonly Rule[] = [
  {
    reads: ["model.from", "model.kind"],
    broken: ({ model }) =>
      model.from !== null && model.kind !== "gpt2" && `must be null where model.kind is "${model.kind}"`,
  },
  {
    reads: ["model.memory", "model.kind"],
    broken: ({ model }) =>
      model.memory !== "none" &&
      model.kind !== "gpt2" &&
      `must be "none" where model.kind is "${model.kind}", which says it itself; got "${model.memory}"`,
  },
  {
    reads: ["model.positions", "model.segmentLength", "model.kind"],
    broken: ({ model }) =>
      model.kind === "gpt2" &&
      model.positions !== null &&
      model.positions < model.segmentLength &&
      (model.from === null
        ? `must be at least model.segmentLength (${model.segmentLength}), got ${model.positions}`
        : `are ${model.positions} in ${model.from}, and model.segmentLength is ${model.segmentLength}: give --set model.segmentLength=${model.positions} or less`),
  },
  {
    reads: ["model.memoryLayers", "model.layers"],
    broken: ({ model: { memoryLayers: own, layers } }) => {
      const fits = own?.every((layer, i) => layer < layers && layer > (own[i - 1] ?? -1)) ?? true;
      return !fits && `must be ascending layers below model.layers (${layers}), got [${own?.join(", ")}]`;
    },
  },
  {
    reads: ["model.compressedLength", "model.memory"],
    broken: ({ model }) =>
      model.memory === "compressive" &&
      model.compressedLength === 0 &&
      'must be at least 1 where model.memory is "compressive", got 0',
  },
  {
    reads: ["model.activation", "model.kind"],
    broken: ({ model }) =>
      model.activation === "gelu-erf" &&
      model.kind !== "gpt2" &&
      `must be "relu" or "gelu" where model.kind is "${model.kind}", got "gelu-erf"`,
  },
  {
    reads: ["model.cutoffs", "model.kind"],
    broken: ({ model }) =>
      model.kind === "gpt2" && model.cutoffs.length > 0 && 'must be empty where model.kind is "gpt2"',
  },
];
