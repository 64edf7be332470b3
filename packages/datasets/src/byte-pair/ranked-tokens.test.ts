import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode } from "../vocabulary.js";
import { tokenizerFromRanks } from "./ranked-tokens.js";
import { tokenizerFromJson, tokenizerToJson } from "./tokenizer-json.js";

const utf8 = new TextEncoder();
/** Every byte, then joins of them. */
const ranked = (...words: string[]): Uint8Array[] => [
  ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(255 - byte)),
  ...words.map((word) => utf8.encode(word)),
];

/** tiktoken's own way: on bytes, the least rank of any join first. */
function byRank(tokens: readonly Uint8Array[], text: string): number[] {
  const key = (bytes: ArrayLike<number>): string => Array.from(bytes).join();
  const ranks = new Map(tokens.map((bytes, rank) => [key(bytes), rank]));
  let parts = Array.from(utf8.encode(text), (byte) => [byte]);
  for (;;) {
    const joins = parts.slice(1).map((right, i) => ranks.get(key([...(parts[i] as number[]), ...right])));
    const least = Math.min(...joins.map((rank) => rank ?? Number.POSITIVE_INFINITY));
    if (!Number.isFinite(least)) return parts.map((part) => ranks.get(key(part)) as number);
    const at = joins.indexOf(least);
    parts = parts.flatMap((part, i) =>
      i === at ? [[...part, ...(parts[at + 1] as number[])]] : i === at + 1 ? [] : [part],
    );
  }
}

describe("tokenizerFromRanks", () => {
  const tokens = ranked("th", "he", "the", "er", "ther", "é", "aa", "aaaa");

  it("merges by rank, as the list itself says", () => {
    const partial = [...tokens, utf8.encode("☃").slice(0, 2), utf8.encode("☃")];
    const vocabulary = tokenizerFromRanks(partial);
    const letters = fc.string({ unit: fc.constantFrom("t", "h", "e", "r", "a", "é", "☃"), maxLength: 24 });
    fc.assert(
      fc.property(letters, (text) => {
        // "☃" is no letter: words are cut at it, and nothing is merged over the cut.
        const words = text.match(/☃+|[^☃]+/gu) ?? [];
        expect(Array.from(encode(vocabulary, text).ids)).toEqual(
          words.flatMap((word) => byRank(partial, word)),
        );
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it("gives what its own tokenizer.json gives, special tokens too", () => {
    const vocabulary = tokenizerFromRanks(tokens, { "<|end|>": 300 });
    const text = "there<|end|>aaaaa the é\n";
    const again = tokenizerFromJson(JSON.parse(JSON.stringify(tokenizerToJson(vocabulary))));
    expect(encode(vocabulary, text).ids).toContain(300);
    expect(encode(again, text).ids).toEqual(encode(vocabulary, text).ids);
    expect(vocabulary.size).toBe(301);
  });

  it.each([
    ["the", 'the token of rank 256 must be a join of two before it, got "the"'],
    ["", 'the token of rank 256 must differ from those before it, got ""'],
    ["a", 'the token of rank 256 must differ from those before it, got "a"'],
  ])("refuses %j after the bytes", (word, message) => {
    expect(() => tokenizerFromRanks(ranked(word))).toThrow(message);
  });

  it("refuses a list without some byte", () => {
    expect(() => tokenizerFromRanks(ranked().slice(1))).toThrow("got none for byte 255");
  });
});
