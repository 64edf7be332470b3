import { breathe } from "@infinite-former/command-line";
import { type CharacterVocabulary, decode, encode } from "@infinite-former/datasets";
import type { Rng } from "@infinite-former/random";
import type { Generator, TransformerModel, TransformerState } from "@infinite-former/transformer";

/**
 * Text that a model writes from an empty memory, for reports.
 *
 * @param generator of models of this configuration; serves one report after another.
 * @param options.length characters, at most; a signal ends it early.
 */
export async function sampleText(
  generator: Generator<TransformerModel, TransformerState>,
  model: TransformerModel,
  vocabulary: CharacterVocabulary,
  options: { readonly length: number; readonly rng: Rng; readonly signal?: AbortSignal },
): Promise<string> {
  const { length, rng, signal } = options;
  const { ids } = encode(vocabulary, vocabulary.ids.has("\n") ? "\n" : (vocabulary.characters[0] ?? ""));
  let text = "";
  const how = {
    prompt: ids,
    maxTokens: length,
    temperature: 0.8,
    rng,
    ...(signal === undefined ? {} : { signal }),
  };
  for await (const token of generator.generate(how, model)) {
    text += decode(vocabulary, [token]);
    await breathe();
  }
  return text.trim();
}
