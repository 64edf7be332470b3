import { describe, expect, it } from "vitest";
import type { SortingSize } from "./sizes.js";
import { stepFlops } from "./step-flops.js";

const size: SortingSize = {
  layers: 2,
  modelSize: 6,
  heads: 2,
  headSize: 3,
  innerSize: 5,
  vocabularySize: 7,
  batch: 2,
  segmentLength: 4,
  segments: 4,
  answers: 3,
  dropout: 0,
  prompt: 1,
  "infinite-former": {
    shortTermLength: 4,
    longTermLength: 4,
    basisCount: 8,
    sampleCount: 9,
    basisWidths: [0.1],
    contraction: 0.75,
    ridge: 1,
    klWeight: 0,
    gate: true,
  },
  "transformer-xl": { shortTermLength: 4 },
  compressive: { shortTermLength: 4, compressedLength: 1, compressionRatio: 4, reconstructionWeight: 1 },
};

/** Operations of products, each as the sizes `[how many, rows, inner, columns]` of its matrices. */
const sum = (products: readonly (readonly [number, number, number, number])[]): number =>
  products.reduce((total, [many, rows, inner, columns]) => total + 2 * many * rows * inner * columns, 0);

/** One layer over some tokens of 2 rows that attend to `keys`, in heads of 3; queries of `asking` tokens. */
const block = (keys: number, tokens = 4, asking = tokens): number =>
  sum([
    [2, asking, 6, 6], // queries
    [2, keys, 6, 12], // keys and values
    [1, keys, 6, 6], // distances
    [4, tokens, 3, keys], // by content
    [4, tokens, 3, keys], // by distance
    [4, tokens, keys, 3], // weighted sum
    [2, tokens, 6, 6], // output
    [2, tokens, 6, 5],
    [2, tokens, 5, 6],
  ]);
const head = sum([[2, 3, 6, 7]]);

describe("stepFlops", () => {
  it("counts the products of a Transformer-XL one by one", () => {
    // The last layer of the first three segments gives nothing that anyone reads.
    const past = block(4) + block(8) + block(8);
    // The last layer of the last one works for the 3 answers alone.
    expect(stepFlops("transformer-xl", size)).toBe(past + 3 * (block(8) + block(8, 3) + head));
  });

  it("counts reading and updating a long-term memory where there is one", () => {
    const read = (tokens: number): number =>
      sum([
        [2, 8, 6, 6], // values
        [2, 8, 6, 6], // keys under the two maps
        [4, tokens, 8, 3], // read-out
        [2, tokens, 6, 6], // output
      ]);
    const take = sum([
      [2, 4, 18, 6], // gate
      [2, 8, 4, 6], // the segment fitted
    ]);
    const carry = sum([[2, 8, 8, 6]]);
    // Nothing leaves the short-term memory in the first two segments; nothing is carried at the first update.
    const past = block(4) + block(8) + (block(8) + read(4)) + 2 * take;
    // Densities of all tokens are penalised, so the last layer projects the queries of all.
    const final = block(8, 3, 4) + read(3);
    const last = 3 * (block(8) + read(4) + final + 2 * take) + 2 * carry;
    expect(stepFlops("infinite-former", size)).toBe(past + last + 3 * head);
  });
});
