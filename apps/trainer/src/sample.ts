import { breathe } from "@infinite-former/command-line";
import { encode, textStream, type Vocabulary } from "@infinite-former/datasets";
import type { Rng } from "@infinite-former/random";
import type { Generator } from "@infinite-former/transformer";
import type { TrainerModel } from "./models/trainer-model.js";

/**
 * Text that a model writes from an empty memory, for reports.
 *
 * @param generator of models of this configuration; serves one report after another.
 * @param options.length tokens, at most; a signal ends it early.
 */
export async function sampleText(
  generator: Generator<TrainerModel, object>,
  model: TrainerModel,
  vocabulary: Vocabulary,
  options: { readonly length: number; readonly rng: Rng; readonly signal?: AbortSignal },
): Promise<string> {
  const { length, rng, signal } = options;
  const stream = textStream(vocabulary);
  let text = "";
  const how = {
    prompt: firstToken(vocabulary),
    maxTokens: length,
    temperature: 0.8,
    rng,
    ...(signal === undefined ? {} : { signal }),
  };
  for await (const token of generator.generate(how, model)) {
    text += stream.push(token);
    await breathe();
  }
  return (text + stream.end()).trim();
}

/** What a text without a beginning begins with: a line end where the vocabulary has one. */
export function firstToken(vocabulary: Vocabulary): Int32Array {
  const { ids, unknown } = encode(vocabulary, "\n");
  return unknown === 0 && ids.length > 0 ? ids.subarray(0, 1) : Int32Array.of(0);
}
