import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codePointCount, unitsOfCodePoints } from "./code-points.js";

const texts = fc.string({ unit: "binary" });

describe("code points", () => {
  it("are counted as a text's iterator gives them, and cut by it", () => {
    fc.assert(
      fc.property(texts, fc.nat({ max: 12 }), (text, count) => {
        const characters = [...text];
        expect(codePointCount(text)).toBe(characters.length);
        expect(text.slice(0, unitsOfCodePoints(text, count))).toBe(characters.slice(0, count).join(""));
      }),
      { seed: 6 },
    );
  });
});
