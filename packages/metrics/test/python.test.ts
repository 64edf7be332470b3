import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { meanScores, meteor, type Overlap, porterStem, rouge1, rougeL, wordOverlap } from "../src/index.js";

type Triple = readonly [precision: number, recall: number, fMeasure: number];

interface Pair {
  readonly candidate: string;
  readonly references: readonly string[];
  readonly wordOverlap: Triple;
  readonly rouge1: Triple;
  readonly rougeL: Triple;
  readonly rouge1Unstemmed: Triple;
  readonly rougeLUnstemmed: Triple;
  readonly meteor: number;
  readonly meteorOtherWeights: number;
}

interface Means extends Pick<Pair, "wordOverlap" | "rouge1" | "rougeL" | "meteor"> {}

const fixture = (name: string): string =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");
/** By tooling/reference/text_scores.py, with rouge-score 0.1.2 and nltk 3.10.4. */
const { pairs, means } = JSON.parse(fixture("scores.json")) as { pairs: Pair[]; means: Means };
const stems = Object.entries(JSON.parse(fixture("stems.json")) as Record<string, string>);

/** Sums and products of float64 in another order. */
const tolerance = 1e-12;

function expectClose(got: number, want: number, what: string): void {
  expect(Math.abs(got - want), `${what}: ${got} against ${want}`).toBeLessThanOrEqual(tolerance);
}

function expectOverlap(got: Overlap, want: Triple, what: string): void {
  expectClose(got.precision, want[0], `precision of ${what}`);
  expectClose(got.recall, want[1], `recall of ${what}`);
  expectClose(got.fMeasure, want[2], `F-measure of ${what}`);
}

describe("the scores of the Python packages", () => {
  it("are of 146 pairs, 17 of them with several references", () => {
    expect(pairs).toHaveLength(146);
    expect(pairs.filter(({ references }) => references.length > 1)).toHaveLength(17);
  });

  it.each(pairs.map((pair, i) => [i, pair] as const))("are ours for pair %i", (_, pair) => {
    const { candidate, references } = pair;
    const what = `${JSON.stringify(candidate)} against ${JSON.stringify(references)}`;
    expectOverlap(wordOverlap(candidate, references), pair.wordOverlap, `words of ${what}`);
    expectOverlap(rouge1(candidate, references), pair.rouge1, `ROUGE-1 of ${what}`);
    expectOverlap(rougeL(candidate, references), pair.rougeL, `ROUGE-L of ${what}`);
    const unstemmed = { stem: false };
    expectOverlap(rouge1(candidate, references, unstemmed), pair.rouge1Unstemmed, `ROUGE-1 of ${what}`);
    expectOverlap(rougeL(candidate, references, unstemmed), pair.rougeLUnstemmed, `ROUGE-L of ${what}`);
    expectClose(meteor(candidate, references), pair.meteor, `METEOR of ${what}`);
    const weights = { alpha: 0.8, beta: 1.5, gamma: 0.3 };
    expectClose(meteor(candidate, references, weights), pair.meteorOtherWeights, `METEOR of ${what}`);
  });

  it("have our means", () => {
    const got = meanScores(pairs);
    expect(got.pairs).toBe(pairs.length);
    expectOverlap(got.wordOverlap, means.wordOverlap, "words");
    expectOverlap(got.rouge1, means.rouge1, "ROUGE-1");
    expectOverlap(got.rougeL, means.rougeL, "ROUGE-L");
    expectClose(got.meteorWithoutSynonyms, means.meteor, "METEOR");
  });
});

describe("porterStem", () => {
  it(`gives NLTK's stems of ${stems.length} words`, () => {
    expect(stems.length).toBeGreaterThan(2000);
    for (const [word, stem] of stems) expect(porterStem(word), word).toBe(stem);
  });
});
