import { type BytePairVocabulary, tokenizerFromRanks } from "@infinite-former/datasets";

let loaded: Promise<BytePairVocabulary> | null = null;

/** GPT-2's own 50,257 byte pairs, from the ranks that `js-tiktoken` carries; made once. */
export function gpt2Tokenizer(): Promise<BytePairVocabulary> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<BytePairVocabulary> {
  const { default: ranks } = await import("js-tiktoken/ranks/gpt2");
  return tokenizerFromRanks(rankedTokens(ranks.bpe_ranks), ranks.special_tokens);
}

/** Lines of `! FIRST TOKEN TOKEN …`: the rank of the first token, and tokens in base 64. */
function rankedTokens(lines: string): Uint8Array[] {
  const tokens: Uint8Array[] = [];
  for (const line of lines.split("\n")) {
    const [, first, ...encoded] = line.split(" ");
    encoded.forEach((text, index) => {
      tokens[Number(first) + index] = Uint8Array.from(Buffer.from(text, "base64"));
    });
  }
  return tokens;
}
