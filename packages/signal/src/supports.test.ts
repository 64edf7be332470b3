import { describe, expect, it } from "vitest";
import { designMatrix } from "./design-matrix.js";
import { gaussianBasis } from "./gaussian-basis.js";
import { matrix } from "./matrix.js";
import { rowSupports } from "./supports.js";

describe("rowSupports", () => {
  it("drops both ends of a row where they are below 1e-22 of its largest entry, and nothing inside", () => {
    const rows = matrix(3, 5, Float64Array.of(1e-30, 0, -8, 0, 7e-22, 0, 3, 0, 3, 1e-23, 0, 0, 0, 0, 0));
    const { from, to } = rowSupports(rows);
    expect([...from.subarray(0, 2)]).toEqual([2, 1]);
    expect([...to.subarray(0, 2)]).toEqual([3, 4]);
    expect(to[2]! - from[2]!).toBe(0);
  });

  it("reaches ten widths from the centre of a Gaussian function", () => {
    const basis = gaussianBasis({ count: 3, widths: [0.01] });
    const positions = Float64Array.from({ length: 2001 }, (_, i) => (i - 500) / 1000);
    const { from, to } = rowSupports(designMatrix(basis, positions));
    const reach = Math.sqrt(-2 * Math.log(1e-22)) * 0.01;
    basis.centers.forEach((center, j) => {
      expect(positions[from[j]!]! - (center - reach)).toBeCloseTo(0, 2);
      expect(positions[to[j]! - 1]! - (center + reach)).toBeCloseTo(0, 2);
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("leaves nothing out of a row with %s", (value) => {
    const { from, to } = rowSupports(matrix(1, 3, Float64Array.of(0, value, 5)));
    expect([from[0], to[0]]).toEqual([0, 3]);
  });
});
