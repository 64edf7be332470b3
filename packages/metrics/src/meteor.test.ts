import { describe, expect, it } from "vitest";
import { meteor } from "./meteor.js";

describe("meteor", () => {
  it("is the mean of precision and recall less a penalty for each break in the order", () => {
    // Five matches of five and six words, in two chunks: "on this mat", "the cat".
    const [precision, recall, chunks] = [5 / 5, 5 / 6, 2 / 5];
    const mean = (precision * recall) / (0.9 * precision + 0.1 * recall);
    expect(meteor("on this mat the cat", "the cat on this mat today")).toBeCloseTo(
      (1 - 0.5 * chunks ** 3) * mean,
      12,
    );
  });

  it("matches stems where words differ", () => {
    expect(meteor("the cats sat", "the cat sat")).toBeCloseTo(1 - 0.5 / 27, 12);
    expect(meteor("cat", "dog")).toBe(0);
  });

  it("matches equal words before stems", () => {
    // "running" takes its equal, and leaves "run" to "runs": two chunks, where stems alone would give one.
    expect(meteor("runs running", "running run")).toBeCloseTo(1 - 0.5, 12);
  });

  it("gives the last of equal words the last place that is free, also where it breaks the order", () => {
    // The only "the" takes the second of the reference, after "cat": two chunks.
    expect(meteor("the cat", "the cat the")).toBeCloseTo((1 - 0.5) * (2 / 3 / (0.9 + 0.1 * (2 / 3))), 12);
  });

  it("knows no synonyms", () => {
    expect(meteor("big", "large")).toBe(0);
  });

  it("asks for a reference", () => {
    expect(() => meteor("a", [])).toThrow("meteor: references must hold at least one text, got none");
  });
});
