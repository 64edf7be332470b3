import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteSymbols } from "./alphabet.js";
import { mergePairs } from "./merge.js";
import { bytePairVocabulary } from "./vocabulary.js";

const letters = ["a", "b", "c"];

/** A vocabulary of all bytes and some merges of letters, in any order of ranks that can be reached. */
const vocabularies = fc
  .array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 12 })
  .chain((picks) => {
    const tokens = [...letters];
    const merges: [string, string][] = [];
    for (const [a, b] of picks) {
      const pair: [string, string] = [
        tokens[a % tokens.length] as string,
        tokens[b % tokens.length] as string,
      ];
      if (tokens.includes(pair.join(""))) continue;
      tokens.push(pair.join(""));
      merges.push(pair);
    }
    return fc.shuffledSubarray(merges, { minLength: merges.length });
  })
  .map((merges) => {
    const ids = new Map(
      [...byteSymbols, ...merges.map((pair) => pair.join(""))].map((token, id) => [token, id]),
    );
    return { merges, vocabulary: bytePairVocabulary("test", { vocabulary: ids, merges, special: [] }) };
  });

/** The definition: the pair of least rank, the leftmost of them, until there is none. */
function byDefinition(merges: readonly (readonly [string, string])[], text: string): string[] {
  const parts = [...text];
  for (;;) {
    const rank = merges.findIndex(([left, right]) =>
      parts.some((part, i) => part === left && parts[i + 1] === right),
    );
    if (rank < 0) return parts;
    const [left, right] = merges[rank] as readonly [string, string];
    const place = parts.findIndex((part, i) => part === left && parts[i + 1] === right);
    parts.splice(place, 2, left + right);
  }
}

describe("mergePairs", () => {
  it("merges the leftmost pair of least rank until there is none", () => {
    const texts = fc.string({ unit: fc.constantFrom(...letters), maxLength: 30 });
    fc.assert(
      fc.property(vocabularies, texts, ({ merges, vocabulary }, text) => {
        const symbols = Int32Array.from(text, (letter) => vocabulary.ids.get(letter) as number);
        const got = mergePairs(vocabulary, symbols).map((id) => vocabulary.tokens[id]);
        expect(got).toEqual(byDefinition(merges, text));
      }),
      { seed: 8, numRuns: 500 },
    );
  });

  it("takes a long run of one letter", () => {
    const merges: [string, string][] = [
      ["a", "a"],
      ["aa", "aa"],
    ];
    const ids = new Map([...byteSymbols, "aa", "aaaa"].map((token, id) => [token, id]));
    const vocabulary = bytePairVocabulary("test", { vocabulary: ids, merges, special: [] });
    const symbols = new Int32Array(100_003).fill(vocabulary.ids.get("a") as number);
    const tokens = mergePairs(vocabulary, symbols).map((id) => vocabulary.tokens[id]);
    expect(tokens.length).toBe(25_002);
    expect(tokens.slice(-3)).toEqual(["aaaa", "aa", "a"]);
  });
});
