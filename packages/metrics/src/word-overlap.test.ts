import { describe, expect, it } from "vitest";
import { contentWords, wordOverlap } from "./word-overlap.js";

describe("contentWords", () => {
  it("drops case, ASCII marks and articles, and nothing of other scripts", () => {
    expect(contentWords("The cat's mat, an A–Z; a éa")).toEqual(["cats", "mat", "–z", "éa"]);
    expect(contentWords("theatre than ana")).toEqual(["theatre", "than", "ana"]);
  });
});

describe("wordOverlap", () => {
  it("counts each shared word as often as both have it", () => {
    expect(wordOverlap("cat cat cat", "cat cat dog dog")).toEqual({
      precision: 2 / 3,
      recall: 1 / 2,
      fMeasure: (2 * (2 / 3) * (1 / 2)) / (2 / 3 + 1 / 2),
    });
    expect(wordOverlap("The cat sat.", "a cat sat down").fMeasure).toBeCloseTo(0.8, 12);
  });

  it("is 0 of two texts without words, and an error without a reference", () => {
    expect(wordOverlap("the", "the")).toEqual({ precision: 0, recall: 0, fMeasure: 0 });
    expect(() => wordOverlap("cat", [])).toThrow(
      "wordOverlap: references must hold at least one text, got none",
    );
  });
});
