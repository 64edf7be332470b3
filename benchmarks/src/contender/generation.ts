import type { Compiler } from "@infinite-former/command-line";
import { createRng, type Rng } from "@infinite-former/random";
import { countParameters } from "@infinite-former/tensor";
import { createInfiniteFormer, createTransformerXl, type LanguageModel } from "@infinite-former/transformer";
import { sizes, sortingSize } from "../sizes.js";
import { smallGpt2 } from "../small-gpt2.js";
import { sortingSettings } from "../sorting-settings.js";
import type { Assignment } from "./assignment.js";
import { generateTokens } from "./generate-tokens.js";
import type { Subject } from "./subject.js";

/** Continues random sequences, with the memories carried along. A unit is one token in every sequence. */
export async function generation(
  { model: name, size, memory, sequences, seed }: Assignment,
  compile: Compiler,
): Promise<Subject> {
  const rng = createRng(seed);
  const { prompt } = name === "gpt2" ? sizes.gpt2 : sortingSize(size);
  const { model, parameters } = generator(name, size, memory, rng.split("model"));
  const prompts = Array.from({ length: sequences }, () =>
    Int32Array.from({ length: prompt }, () => rng.integer(0, model.config.vocabularySize)),
  );
  const continuation = generateTokens(model, prompts, { rng, compile });
  return {
    parameters,
    async run(units) {
      await continuation.advance(units);
      return { loss: null };
    },
  };
}

interface Generator {
  readonly model: LanguageModel<object>;
  readonly parameters: number;
}

function generator(name: string, size: string, memory: boolean, rng: Rng): Generator {
  const made = name === "gpt2" ? smallGpt2(memory, rng) : sortingModel(name, size, rng);
  return { model: made as unknown as LanguageModel<object>, parameters: countParameters(made.params) };
}

function sortingModel(name: string, size: string, rng: Rng) {
  const sizes = sortingSize(size);
  const { model } = sortingSettings(name as "infinite-former" | "transformer-xl", sizes);
  const options = { ...model, vocabularySize: sizes.vocabularySize } as unknown;
  return name === "transformer-xl"
    ? createTransformerXl(options as Parameters<typeof createTransformerXl>[0], rng)
    : createInfiniteFormer(options as Parameters<typeof createInfiniteFormer>[0], rng);
}
