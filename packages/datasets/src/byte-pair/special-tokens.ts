import { type BytePairVocabulary, bytePairVocabulary } from "./vocabulary.js";

/**
 * The vocabulary with special tokens of these names: those it lacks get the
 * ids after its last, in the order given, as Hugging Face's tokenizers add them.
 *
 * @throws {DatasetError} `ERR_DATASET` for an empty name.
 * @example
 * const more = withSpecialTokens(await readTokenizer("gpt2"), ["<bos>", "<eos>"]);
 * more.ids.get("<eos>"); // 50258
 */
export function withSpecialTokens(
  vocabulary: BytePairVocabulary,
  names: readonly string[],
): BytePairVocabulary {
  const { ids, tokens, ranks, size, special } = vocabulary;
  const there = new Set(special.map(({ text }) => text));
  const lacking = [...new Set(names)].filter((text) => !there.has(text));
  let next = size;
  return bytePairVocabulary("withSpecialTokens", {
    vocabulary: ids,
    merges: [...ranks.keys()].map((pair) => [
      tokens[Math.floor(pair / size)] as string,
      tokens[pair % size] as string,
    ]),
    special: [
      ...special,
      ...lacking.map((text) => ({ text, id: ids.get(text) ?? next++, late: false, special: true })),
    ],
  });
}
