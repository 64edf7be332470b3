import { describe, expect, it } from "vitest";
import { gaussLegendre } from "./gauss-legendre.js";

describe("gaussLegendre", () => {
  it("is exact for powers up to twice its points", () => {
    for (const count of [1, 2, 3, 5, 8, 20, 64, 300]) {
      const { nodes, weights } = gaussLegendre(count);
      for (const power of [0, 1, 2, 3, 2 * count - 2, 2 * count - 1].filter((p) => p < 2 * count)) {
        const got = nodes.reduce((sum, x, k) => sum + weights[k]! * x ** power, 0);
        expect(Math.abs(got - (power % 2 === 0 ? 2 / (power + 1) : 0))).toBeLessThan(2e-14);
      }
    }
  });

  it("has ascending nodes and refuses no points", () => {
    const { nodes } = gaussLegendre(7);
    expect([...nodes].sort((a, b) => a - b)).toEqual([...nodes]);
    expect(() => gaussLegendre(0)).toThrow(/count must be a whole number ≥ 1/);
  });
});
