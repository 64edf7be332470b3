import fc from "fast-check";
import { CholeskyDecomposition, Matrix as DenseMatrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { designMatrix } from "./design-matrix.js";
import { fitContracted, fitSegment, type Padding } from "./fit.js";
import { type GaussianBasis, gaussianBasis } from "./gaussian-basis.js";
import { type Matrix, matrix, multiply, transpose } from "./matrix.js";
import {
  contractedPositions,
  type PositionGrid,
  paddedContractedPositions,
  paddedSegmentPositions,
  sampledPositions,
  segmentPositions,
} from "./positions.js";
import { coefficients, evaluateSignal } from "./signal.js";

const grids: readonly PositionGrid[] = ["midpoints", "endpoints", "mixed"];
const paddings: readonly Padding[] = ["zeros", "none"];
const options = grids.flatMap((grid) => paddings.map((padding) => ({ grid, padding })));

/** G by the definition, `Fᵀ (F Fᵀ + λI)⁻¹` over all positions, with the middle rows kept. */
function dense(basis: GaussianBasis, positions: Float64Array, kept: number, ridge: number): DenseMatrix {
  const { rows, columns, data } = designMatrix(basis, positions);
  const design = DenseMatrix.from1DArray(rows, columns, data);
  const gram = design.mmul(design.transpose()).add(DenseMatrix.eye(rows).mul(ridge));
  const cut = (columns - kept) / 2;
  const wanted = design.subMatrix(0, rows - 1, cut, cut + kept - 1);
  return new CholeskyDecomposition(gram).solve(wanted).transpose();
}

/** Largest difference, relative to the largest of the numbers wanted (far from all functions they may be 1e-40: 0 will do). */
function difference(got: Matrix, want: DenseMatrix): number {
  const numbers = want.to1DArray();
  expect([got.rows, got.columns]).toEqual([want.rows, want.columns]);
  const largest = numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-12);
  return numbers.reduce((most, x, i) => Math.max(most, Math.abs(x - got.data[i]!)), 0) / largest;
}

// Two ways to solve a system of condition 1e5 to 1e6 in float64.
const rounding = 1e-9;
// A smooth signal of size 1, ridge 1e-4, narrowest functions three spacings wide.
const fitError = 5e-4;

describe("fitSegment and fitContracted", () => {
  it.each(options)("are the ridge regression of their positions, dense and by definition: %j", (option) => {
    const law = fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 45 }),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom([0.01, 0.05], [0.005, 0.01], [0.1, 0.02]),
      (half, length, sampleCount, widths) => {
        const basis = gaussianBasis({ count: 2 * half, widths });
        const grid = { length, sampleCount, contraction: 0.7, grid: option.grid };
        const zeros = option.padding === "zeros";
        const first = zeros
          ? paddedSegmentPositions(length, option.grid)
          : segmentPositions(length, option.grid);
        const later = zeros ? paddedContractedPositions(grid) : contractedPositions(grid);
        const settings = { basis, length, ridge: 0.5, ...option };
        expect(difference(fitSegment(settings), dense(basis, first, length, 0.5))).toBeLessThan(rounding);
        expect(
          difference(fitContracted({ ...settings, ...grid }), dense(basis, later, sampleCount + length, 0.5)),
        ).toBeLessThan(rounding);
      },
    );
    fc.assert(law, { seed: 121, numRuns: 40 });
  });

  it.each([
    { widths: [0.01, 0.05], ridge: 1, contraction: 0.75 },
    { widths: [0.005, 0.01], ridge: 0.5, contraction: 0.5 },
  ])("agree with the dense method where functions are narrow and many: %j", (settings) => {
    const basis = gaussianBasis({ count: 200, widths: settings.widths });
    const grid = { length: 300, sampleCount: 128, contraction: settings.contraction };
    const later = paddedContractedPositions(grid);
    const got = fitContracted({ basis, ridge: settings.ridge, ...grid });
    expect(difference(got, dense(basis, later, 428, settings.ridge))).toBeLessThan(rounding);
    const first = fitSegment({ basis, length: 300, ridge: settings.ridge });
    expect(difference(first, dense(basis, paddedSegmentPositions(300), 300, settings.ridge))).toBeLessThan(
      rounding,
    );
  });

  it.each(options)("interpolate where the ridge is tiny and functions are many: %j", (option) => {
    const basis = gaussianBasis({ count: 64, widths: [0.02] });
    const values = matrix(
      20,
      2,
      Float64Array.from({ length: 40 }, (_, i) => Math.cos(i * i)),
    );
    const signal = coefficients(fitSegment({ basis, length: 20, ridge: 1e-9, ...option }), values);
    const back = evaluateSignal(basis, signal, segmentPositions(20, option.grid));
    // A function of width .02 carries the condition of neighbours 1/20 apart, not of the 64 functions.
    for (const [i, x] of values.data.entries()) expect(Math.abs(back.data[i]! - x)).toBeLessThan(1e-6);
  });

  it("fall to 0 outside [0, 1] with zeros there, and go on without", () => {
    const basis = gaussianBasis({ count: 40, widths: [0.05] });
    const ones = matrix(50, 1, new Float64Array(50).fill(1));
    const beside = (padding: Padding): number[] => {
      const fit = fitSegment({ basis, length: 50, ridge: 1e-4, padding });
      return [...evaluateSignal(basis, coefficients(fit, ones), [-0.04, 0.5, 1.04]).data];
    };
    const [before, inside, after] = beside("zeros");
    expect(Math.abs(before!)).toBeLessThan(0.1);
    expect(inside).toBeCloseTo(1, 2);
    expect(Math.abs(after!)).toBeLessThan(0.1);
    const free = beside("none");
    expect(free[0]).toBeGreaterThan(0.7);
    expect(free[1]).toBeCloseTo(1, 2);
    expect(free[2]).toBeGreaterThan(0.7);
  });

  it.each(options)("squeeze the past: the signal at τ·t is what it was at t: %j", (option) => {
    const basis = gaussianBasis({ count: 128, widths: [0.01, 0.03] });
    const [length, sampleCount, contraction, ridge] = [200, 400, 0.6, 1e-4];
    // Both segments start and end at 0, so there is no step to round off.
    const wave = (t: number, phase: number): number => Math.sin(Math.PI * t) ** 2 * Math.sin(phase + 9 * t);
    const rowsOf = (positions: Float64Array, phase: number): Matrix =>
      matrix(
        length,
        1,
        positions.map((t) => wave(t, phase)),
      );
    const settings = { basis, length, ridge, ...option };
    const past = coefficients(fitSegment(settings), rowsOf(segmentPositions(length, option.grid), 0));
    const samples = evaluateSignal(basis, past, sampledPositions(sampleCount, option.grid));
    const fresh = rowsOf(
      segmentPositions(length, option.grid === "midpoints" ? "midpoints" : "endpoints"),
      3,
    );
    const rows = matrix(sampleCount + length, 1, Float64Array.of(...samples.data, ...fresh.data));
    const next = coefficients(fitContracted({ ...settings, sampleCount, contraction }), rows);
    for (let t = 0.025; t < 1; t += 0.05) {
      const [before] = evaluateSignal(basis, past, [t]).data;
      const [squeezed, added] = evaluateSignal(basis, next, [
        contraction * t,
        contraction + (1 - contraction) * t,
      ]).data;
      expect(Math.abs(squeezed! - before!)).toBeLessThan(fitError);
      expect(Math.abs(added! - wave(t, 3))).toBeLessThan(fitError);
    }
  });

  it("name a grid or padding that is none", () => {
    const settings = { basis: gaussianBasis({ count: 2, widths: [0.1] }), length: 2, ridge: 1 };
    const grid = { sampleCount: 2, contraction: 0.5 };
    for (const fit of [
      (option: object) => fitSegment({ ...settings, ...option }),
      (option: object) => fitContracted({ ...settings, ...grid, ...option }),
    ]) {
      expect(() => fit({ grid: "left" })).toThrow(
        /grid must be "midpoints" or "endpoints" or "mixed", got "left"/,
      );
      expect(() => fit({ padding: "ones" })).toThrow(/padding must be "zeros" or "none", got "ones"/);
    }
  });

  it("solve their own equations from the smallest sizes on", () => {
    for (const count of [2, 4]) {
      for (const length of [1, 2, 3]) {
        const basis = gaussianBasis({ count, widths: [0.3, 0.6] });
        const grid = { length, sampleCount: 1, contraction: 0.5 };
        const design = designMatrix(basis, paddedContractedPositions(grid));
        const gram = multiply(design, transpose(design));
        for (let j = 0; j < count; j++) gram.data[j * (count + 1)]! += 0.1;
        const got = multiply(fitContracted({ basis, ridge: 0.1, ...grid }), gram).data;
        designMatrix(basis, contractedPositions(grid)).data.forEach((x, i) => {
          expect(got[(i % (length + 1)) * count + Math.floor(i / (length + 1))]).toBeCloseTo(x, 12);
        });
      }
    }
  });
});
