import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { words } from "./words.js";

describe("words", () => {
  it.each([
    ["it's the clock", ["it", "'s", " the", " clock"]],
    ["DON'T don't they'll've", ["DON", "'", "T", " don", "'t", " they", "'ll", "'ve"]],
    ["1,305 nails...", ["1", ",", "305", " nails", "..."]],
    ["a   b \n", ["a", "  ", " b", " \n"]],
    // White space of Unicode, not of JavaScript: U+FEFF is none, U+0085 and U+3000 are.
    ["a \ufeffb", ["a", " \ufeff", "b"]],
    ["x \u0085y", ["x", " ", "\u0085", "y"]],
    ["x \u3000\u0085 y", ["x", " \u3000\u0085", " y"]],
    ["日本 ²Ⅷ😀", ["日本", " ²Ⅷ", "😀"]],
  ])("cuts %j as the original does", (text, want) => {
    expect([...words(text)]).toEqual(want);
  });

  it("leaves nothing out", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect([...words(text)].join("")).toBe(text);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
