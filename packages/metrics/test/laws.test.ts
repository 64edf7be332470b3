import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  meteor,
  type Overlap,
  type References,
  rouge1,
  rougeL,
  rougeWords,
  wordOverlap,
} from "../src/index.js";
import { splitWords } from "../src/python-text.js";
import { contentWords } from "../src/word-overlap.js";

const runs = { seed: 20_261_128, numRuns: 400 };
/** Rounding of a few operations. */
const rounding = 1e-12;

/** Few words, so that texts share some, between anything else. */
const word = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("the", "whale", "whales", "Whale,", "ship", "a", "shipping", "été"),
  },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 6 }) },
);
const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(" "));

const overlaps: readonly [string, (a: string, b: References) => Overlap, (text: string) => string[]][] = [
  ["wordOverlap", wordOverlap, contentWords],
  ["rouge1", rouge1, rougeWords],
  ["rougeL", rougeL, rougeWords],
  ["rouge1 without stems", (a, b) => rouge1(a, b, { stem: false }), rougeWords],
];

describe.each(overlaps)("%s", (_, score, words) => {
  it("lies between 0 and 1, the F-measure between precision and recall", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const { precision, recall, fMeasure } = score(a, b);
        const [low, high] = [Math.min(precision, recall), Math.max(precision, recall)];
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(fMeasure).toBeGreaterThanOrEqual(low - rounding);
        expect(fMeasure).toBeLessThanOrEqual(high + rounding);
      }),
      runs,
    );
  });

  it("is 1 of a text with itself where it has words, else 0", () => {
    fc.assert(
      fc.property(text, (a) => {
        const want = words(a).length > 0 ? 1 : 0;
        expect(score(a, a)).toEqual({ precision: want, recall: want, fMeasure: want });
      }),
      runs,
    );
  });

  it("changes precision and recall where the texts change places, and not the F-measure", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [there, back] = [score(a, b), score(b, a)];
        expect(back.precision).toBe(there.recall);
        expect(back.recall).toBe(there.precision);
        expect(Math.abs(back.fMeasure - there.fMeasure)).toBeLessThanOrEqual(rounding);
      }),
      runs,
    );
  });
});

describe("rougeL", () => {
  it("is at most rouge1, which counts in any order", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(rougeL(a, b).fMeasure).toBeLessThanOrEqual(rouge1(a, b).fMeasure + rounding);
      }),
      runs,
    );
  });
});

describe("meteor", () => {
  it("lies between 0 and 1", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const score = meteor(a, b);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1 + rounding);
      }),
      runs,
    );
  });

  it("is 1 − γ/m^β of m words with themselves", () => {
    fc.assert(
      fc.property(text, (a) => {
        const count = splitWords(a).length;
        const want = count === 0 ? 0 : 1 - 0.5 / count ** 3;
        expect(Math.abs(meteor(a, a) - want)).toBeLessThanOrEqual(rounding);
      }),
      runs,
    );
  });
});

describe("several references", () => {
  it("score as the best of them alone, in whatever order", () => {
    fc.assert(
      fc.property(text, fc.array(text, { minLength: 1, maxLength: 4 }), (a, references) => {
        for (const [, score] of overlaps) {
          const alone = references.map((one) => score(a, one).fMeasure);
          expect(score(a, references).fMeasure).toBe(Math.max(...alone));
          expect(score(a, [...references].reverse()).fMeasure).toBe(Math.max(...alone));
        }
        expect(meteor(a, references)).toBe(Math.max(...references.map((one) => meteor(a, one))));
      }),
      runs,
    );
  });
});
