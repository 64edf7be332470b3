import { DatasetError } from "../errors.js";

/**
 * Tokens in the order of their ranks from the text that `js-tiktoken` carries:
 * lines of `! FIRST TOKEN TOKEN …`, the rank of the first token and tokens in
 * base 64.
 *
 * @throws {DatasetError} `ERR_DATASET` naming the line that is none.
 * @example
 * tokenizerFromRanks(tokensFromRankedLines(ranks.bpe_ranks), ranks.special_tokens);
 */
export function tokensFromRankedLines(text: string): Uint8Array[] {
  const tokens: Uint8Array[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const [, first, ...encoded] = line.split(" ");
    const rank = Number(first);
    if (first === undefined || !Number.isSafeInteger(rank) || rank !== tokens.length) {
      throw new DatasetError(
        `tokensFromRankedLines: line ${index + 1} must begin with "! ${tokens.length}", got ${JSON.stringify(line.slice(0, 40))}`,
      );
    }
    for (const token of encoded) {
      tokens.push(Uint8Array.from(atob(token), (character) => character.charCodeAt(0)));
    }
  }
  return tokens;
}
