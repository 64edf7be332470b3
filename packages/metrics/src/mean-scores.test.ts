import { describe, expect, it } from "vitest";
import { meanScores } from "./mean-scores.js";

describe("meanScores", () => {
  it("averages precision, recall and F-measure by themselves", () => {
    const scores = meanScores([
      { candidate: "whale", references: "whale ship" },
      { candidate: "whale ship", references: ["boat", "whale"] },
    ]);
    expect(scores).toMatchObject({
      pairs: 2,
      wordOverlap: { precision: 3 / 4, recall: 3 / 4, fMeasure: 2 / 3 },
      rouge1: { precision: 3 / 4, recall: 3 / 4, fMeasure: 2 / 3 },
      rougeL: { precision: 3 / 4, recall: 3 / 4, fMeasure: 2 / 3 },
    });
    const [first, second] = [0.5 / (0.9 + 0.05), 0.5 / (0.45 + 0.1)]; // F of precision 1, recall 1/2, and the other way
    expect(scores.meteorWithoutSynonyms).toBeCloseTo((0.5 * (first + second)) / 2, 12);
  });

  it("is an error of no pairs", () => {
    expect(() => meanScores([])).toThrow("meanScores: pairs must hold at least one pair, got none");
  });
});
