import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Matrix, matrix, multiply, transpose } from "./matrix.js";
import { multiplyByTransposed } from "./row-products.js";

/** A matrix whose rows are 0 outside a stretch of their own, as those of narrow functions are. */
const sparse = (rows: number, columns: number): fc.Arbitrary<Matrix> =>
  fc
    .array(
      fc.tuple(
        fc.nat(columns),
        fc.nat(columns),
        fc.infiniteStream(fc.double({ min: -3, max: 3, noNaN: true })),
      ),
      { minLength: rows, maxLength: rows },
    )
    .map((stretches) => {
      const data = stretches.flatMap(([a, b, cells]) =>
        Array.from({ length: columns }, (_, i) => {
          const cell = cells.next().value as number;
          return i >= Math.min(a, b) && i < Math.max(a, b) ? cell : 0;
        }),
      );
      return matrix(rows, columns, Float64Array.from(data));
    });
const sizes = fc.tuple(
  fc.integer({ min: 1, max: 9 }),
  fc.integer({ min: 1, max: 9 }),
  fc.integer({ min: 1, max: 14 }),
);

describe("multiplyByTransposed", () => {
  it("equals the product with the transpose, for every shape and wherever rows are 0", () => {
    const law = fc.property(
      sizes.chain(([n, m, k]) => fc.tuple(sparse(n, k), sparse(m, k))),
      ([a, b]) => {
        const got = multiplyByTransposed(a, b);
        const want = multiply(a, transpose(b));
        expect([got.rows, got.columns]).toEqual([want.rows, want.columns]);
        want.data.forEach((value, i) => {
          expect(Math.abs(got.data[i]! - value)).toBeLessThan(1e-13);
        });
      },
    );
    fc.assert(law, { seed: 101, numRuns: 300 });
  });

  it("does so for a matrix with itself, where it computes one triangle", () => {
    const law = fc.property(
      sizes.chain(([n, , k]) => sparse(n, k)),
      (a) => {
        const got = multiplyByTransposed(a, a).data;
        multiply(a, transpose(a)).data.forEach((value, i) => {
          expect(Math.abs(got[i]! - value)).toBeLessThan(1e-13);
        });
      },
    );
    fc.assert(law, { seed: 102, numRuns: 300 });
  });

  it("refuses rows of different lengths", () => {
    expect(() => multiplyByTransposed(matrix(2, 3), matrix(2, 4))).toThrow(
      "multiplyByTransposed: b must have 3 columns, got 4",
    );
  });
});
