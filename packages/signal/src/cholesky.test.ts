import fc from "fast-check";
import { CholeskyDecomposition, Matrix as DenseMatrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { factorise, solveRows } from "./cholesky.js";

/** Numbers in [−1, 1) that follow from the seed. */
function numbers(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 1073741824 - 1;
  };
}

/** A symmetric positive definite matrix with zeros further than `reach(i)` before the diagonal of row i. */
function positiveDefinite(count: number, next: () => number, reach: (row: number) => number): Float64Array {
  const data = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = Math.max(0, i - reach(i)); j < i; j++) {
      data[i * count + j] = next();
      data[j * count + i] = data[i * count + j]!;
    }
    data[i * (count + 1)] = count + next();
  }
  return data;
}

// Well-conditioned systems of up to a hundred unknowns, scaled to solutions of size 1/count.
const rounding = 1e-14;

describe("factorise and solveRows", () => {
  it.each([
    ["full", () => 200],
    ["banded", () => 7],
    ["diagonal", () => 0],
    ["ragged", (i: number) => (i * 17) % 60],
  ])("solve a %s system as ml-matrix does, at sizes around those of the blocks", (_, reach) => {
    const law = fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 0, max: 60 }),
      fc.nat(1000),
      (count, rows, seed) => {
        const next = numbers(seed);
        const a = positiveDefinite(count, next, reach);
        const start = Math.floor(((next() + 1) / 2) * count);
        const sides = Float64Array.from({ length: rows * count }, (__, i) =>
          i % count < start ? 0 : next(),
        );
        const want = new CholeskyDecomposition(DenseMatrix.from1DArray(count, count, a))
          .solve(DenseMatrix.from1DArray(rows, count, sides).transpose())
          .transpose()
          .to1DArray();
        const factor = factorise(a, count);
        expect(factor).not.toBeNull();
        if (factor) solveRows(factor, sides);
        sides.forEach((x, i) => {
          expect(Math.abs(x - want[i]!)).toBeLessThan(rounding);
        });
      },
    );
    fc.assert(law, { seed: 111, numRuns: 60 });
  });

  it("keeps L, its transpose, and the zeros of a band", () => {
    const count = 60;
    const a = positiveDefinite(count, numbers(3), () => 5);
    const factor = factorise(a.slice(), count);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j <= i; j++) {
        const l = factor!.data[i * count + j]!;
        expect(factor!.data[j * count + i]).toBe(l);
        if (i - j > 5) expect(l).toBe(0);
        let product = 0;
        for (let k = 0; k <= j; k++) product += factor!.data[i * count + k]! * factor!.data[j * count + k]!;
        expect(Math.abs(product - a[i * count + j]!)).toBeLessThan(1e-13);
      }
    }
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses the pivot %s, early or late", (pivot) => {
    for (const at of [0, 30, 59]) {
      const a = positiveDefinite(60, numbers(at), () => 3);
      a[at * 61] = pivot;
      expect(factorise(a, 60)).toBeNull();
    }
  });
});
