import {
  type BytePairVocabulary,
  tokenizerFromRanks,
  tokensFromRankedLines,
} from "@infinite-former/datasets";

let loaded: Promise<BytePairVocabulary> | null = null;

/** GPT-2's own 50,257 byte pairs, from the ranks that `js-tiktoken` carries; made once. */
export function gpt2Tokenizer(): Promise<BytePairVocabulary> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<BytePairVocabulary> {
  const { default: ranks } = await import("js-tiktoken/ranks/gpt2");
  return tokenizerFromRanks(tokensFromRankedLines(ranks.bpe_ranks), ranks.special_tokens);
}
