import { createRng } from "@infinite-former/random";
import { describe, expect, it } from "vitest";
import type { SamplingOptions } from "./sampling.js";
import { sampleToken } from "./sampling.js";

const logits = [Math.log(0.5), Math.log(0.3), Math.log(0.15), Math.log(0.05)];

function shares(options: SamplingOptions, draws = 20_000): number[] {
  const rng = createRng(21);
  const counts = logits.map(() => 0);
  for (let i = 0; i < draws; i++) {
    const token = sampleToken(logits, options, rng);
    counts[token] = (counts[token] as number) + 1;
  }
  return counts.map((count) => count / draws);
}

/** Four standard deviations of a share of 20,000 draws. */
const spread = 4 * Math.sqrt(0.25 / 20_000);

describe("sampleToken", () => {
  it.each([
    ["plain", {}, [0.5, 0.3, 0.15, 0.05]],
    ["temperature 2", { temperature: 2 }, [0.5, 0.3, 0.15, 0.05].map(Math.sqrt)],
    ["top-k", { topK: 2 }, [0.5, 0.3, 0, 0]],
    ["top-p keeps the token that crosses p", { topP: 0.6 }, [0.5, 0.3, 0, 0]],
    ["top-p within the first token", { topP: 0.4 }, [1, 0, 0, 0]],
    ["min-p keeps what has half the likeliest one's probability", { minP: 0.5 }, [0.5, 0.3, 0, 0]],
    [
      "min-p of the tempered probabilities",
      { minP: 0.5, temperature: 2 },
      [0.5, 0.3, 0.15, 0].map(Math.sqrt),
    ],
    ["min-p 1 leaves the likeliest", { minP: 1 }, [1, 0, 0, 0]],
    ["top-k, then min-p", { topK: 3, minP: 0.05 }, [0.5, 0.3, 0.15, 0]],
    ["temperature 0", { temperature: 0 }, [1, 0, 0, 0]],
  ] as const)("draws by the distribution: %s", (_, options, weights) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    shares(options).forEach((share, i) => {
      expect(Math.abs(share - (weights[i] as number) / total)).toBeLessThan(spread);
    });
  });

  it("takes the smaller id among equals at temperature 0", () => {
    expect(sampleToken([1, 3, 3], { temperature: 0 }, createRng(1))).toBe(1);
  });

  it.each([
    [{ temperature: -1 }, /temperature/],
    [{ temperature: Number.POSITIVE_INFINITY }, /temperature/],
    [{ topK: 1.5 }, /topK/],
    [{ topP: 0 }, /topP/],
    [{ topP: 2 }, /topP/],
    [{ minP: -0.1 }, /minP must be from 0 to 1, got -0.1/],
    [{ minP: 1.1 }, /minP/],
    [{ repetitionPenalty: 0 }, /repetitionPenalty must be a finite number above 0, got 0/],
    [{ repetitionPenalty: Number.NaN }, /repetitionPenalty/],
  ])("refuses %o", (options, message) => {
    expect(() => sampleToken(logits, options, createRng(1))).toThrow(message);
  });

  it("divides positive scores of repeated tokens and multiplies negative ones", () => {
    const likeliest = (scores: number[], repetitionPenalty: number, repeated: number[]): number =>
      sampleToken(scores, { temperature: 0, repetitionPenalty }, createRng(1), repeated);
    expect(likeliest([3, 2], 1.4, [0])).toBe(0);
    expect(likeliest([3, 2], 1.6, [0, 0])).toBe(1); // 3 / 1.6 < 2, divided once
    expect(likeliest([-1, -1.5], 1.4, [0])).toBe(0);
    expect(likeliest([-1, -1.5], 1.6, [0])).toBe(1);
    expect(likeliest([3, 2], 1.6, [1, 7])).toBe(0);
  });

  it("refuses logits that hold no choice", () => {
    expect(() => sampleToken([0, Number.NaN], {}, createRng(1))).toThrow(/logits\[1\]/);
    expect(() => sampleToken([Number.NEGATIVE_INFINITY], {}, createRng(1))).toThrow(/finite/);
  });
});
