import type { Compile } from "./compile.js";
import type { GenerateBatchOptions, GenerateOptions } from "./generate-options.js";
import { createGenerator } from "./generator.js";
import type { LanguageModel } from "./language-model.js";

/** What a short form may be handed beside the options of the generation. */
interface Compiling {
  /** See `GeneratorOptions`. */
  readonly compile?: Compile;
}

/**
 * Reads the prompt, then yields one token id at a time; the memories carry all
 * that was read and generated. The short form of `createGenerator`, which
 * records anew for each text: keep a generator where there are several.
 *
 * The iterator owns its state: when it ends, is left early, is aborted or
 * throws, all its tensors are freed, but for the state it returns if asked to.
 *
 * @throws {RequestError} `ERR_REQUEST` for a bad option or prompt, before any work.
 */
export async function* generate<State extends object>(
  model: LanguageModel<State>,
  options: GenerateOptions<State> & Compiling,
): AsyncGenerator<number, State | null, void> {
  const generator = createGenerator<State, LanguageModel<State>>(model, options);
  try {
    return yield* generator.generate(options);
  } finally {
    generator.dispose();
  }
}

/**
 * The same for several sequences at once, of prompts of any lengths: yields one
 * token id a sequence, `null` in those that have ended, and returns one state a
 * sequence if asked to.
 *
 * @throws {RequestError} `ERR_REQUEST` for a bad option or prompt, before any work.
 */
export async function* generateBatch<State extends object>(
  model: LanguageModel<State>,
  options: GenerateBatchOptions<State> & Compiling,
): AsyncGenerator<readonly (number | null)[], readonly State[] | null, void> {
  const generator = createGenerator<State, LanguageModel<State>>(model, options);
  try {
    return yield* generator.generateBatch(options);
  } finally {
    generator.dispose();
  }
}
