import { DatasetError } from "../errors.js";
import { byteSymbols } from "./alphabet.js";
import { type BytePairVocabulary, bytePairVocabulary } from "./vocabulary.js";

/**
 * A vocabulary from its tokens in the order of their ranks, as tiktoken's files
 * have them: what a token is merged from is not in such a list, and follows
 * from the tokens before it.
 *
 * @param tokens bytes of each token; its rank is its id, and the order of merging. Untrusted.
 * @param special id by text of the tokens that stand in a text under their own names.
 * @throws {DatasetError} `ERR_DATASET` naming the first token that is empty, comes twice or is no
 *   join of two before it; unless every byte is a token.
 */
export function tokenizerFromRanks(
  tokens: Iterable<Uint8Array>,
  special: Readonly<Record<string, number>> = {},
): BytePairVocabulary {
  const ranks = new Map<string, number>();
  const merges: [string, string][] = [];
  for (const bytes of tokens) {
    const rank = ranks.size;
    const token = Array.from(bytes, (byte) => byteSymbols[byte]).join("");
    if (token === "" || ranks.has(token)) throw fault(rank, "differ from those before it", token);
    if (bytes.length > 1) {
      const parts = merged([...token], ranks);
      if (parts.length !== 2) throw fault(rank, "be a join of two before it", token);
      merges.push(parts as [string, string]);
    }
    ranks.set(token, rank);
  }
  return bytePairVocabulary("tokenizerFromRanks", {
    vocabulary: ranks,
    merges,
    special: Object.entries(special).map(([text, id]) => ({ text, id, late: false, special: true })),
  });
}

/** Merges neighbours while their join has a rank, the least first, of several such the leftmost. */
function merged(symbols: string[], ranks: ReadonlyMap<string, number>): string[] {
  for (;;) {
    let least = Number.POSITIVE_INFINITY;
    let at = -1;
    for (let i = 0; i + 1 < symbols.length; i++) {
      const rank = ranks.get(`${symbols[i]}${symbols[i + 1]}`) ?? Number.POSITIVE_INFINITY;
      if (rank < least) [least, at] = [rank, i];
    }
    if (at < 0) return symbols;
    symbols.splice(at, 2, `${symbols[at]}${symbols[at + 1]}`);
  }
}

function fault(rank: number, must: string, token: string): DatasetError {
  const shown = JSON.stringify(token.length > 40 ? `${token.slice(0, 40)}…` : token);
  return new DatasetError(`tokenizerFromRanks: the token of rank ${rank} must ${must}, got ${shown}`);
}
