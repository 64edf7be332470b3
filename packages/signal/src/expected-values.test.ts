import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Basis, createBasis } from "./basis.js";
import { densityKernel, locationScaleDensity, locationScaleFamilies } from "./density-kernel.js";
import { designMatrix } from "./design-matrix.js";
import { expectedByQuadrature } from "./expected-by-quadrature.js";
import { expectedValues } from "./expected-values.js";
import { integrate } from "./quadrature.js";

const bases: readonly Basis[] = [
  createBasis({ kind: "gaussian", count: 8, widths: [0.02, 0.1] }),
  createBasis({ kind: "rectangular", count: 7 }),
  createBasis({ kind: "fourier", count: 9, period: 1 }),
  createBasis({ kind: "fourier", count: 8, period: 3 }),
  createBasis({ kind: "legendre", count: 20 }),
  createBasis({ kind: "bspline", count: 9 }),
];
const pairs = bases.flatMap((basis) =>
  locationScaleFamilies.map((family) => ({ kind: basis.kind, basis, family })),
);
const means = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));

/** Largest difference, as a share of the largest value wanted. */
function error(got: ArrayLike<number>, want: ArrayLike<number>): number {
  const size = Math.max(...Array.from(want, Math.abs));
  const worst = Math.max(...Array.from(want, (w, i) => Math.abs(got[i]! - w)));
  return size === 0 ? worst : worst / size;
}

/** `∫ p ψ_j` for all j, cell by cell of a grid that has all kinks and jumps among its borders. */
function integrated(
  mean: number,
  variance: number,
  basis: Basis,
  family: (typeof pairs)[0]["family"],
): number[] {
  const kernel = densityKernel(family);
  const scale = kernel.scale(variance);
  const [low, high] = [mean - kernel.reach * scale, mean + kernel.reach * scale];
  const cells = basis.kind === "bspline" ? basis.count - 3 : basis.count;
  const far = basis.kind === "fourier" ? 40 : 2;
  const borders = Array.from({ length: 2 * far * cells + 1 }, (_, k) => k / cells - far + 0.0);
  const cuts = [low, ...borders.filter((b) => b > low && b < high), high];
  return Array.from({ length: basis.count }, (_, j) => {
    let sum = 0;
    for (let c = 0; c + 1 < cuts.length; c++) {
      const [from, to] = [cuts[c]!, cuts[c + 1]!];
      const panels = Math.ceil(Math.max((3 * (to - from)) / scale, (to - from) / 0.02));
      sum += integrate(
        (t) => locationScaleDensity(family, t, mean, variance) * designMatrix(basis, [t]).data[j]!,
        from,
        to,
        panels,
      );
    }
    return sum;
  });
}

describe.each(pairs)("expectedValues of $kind under $family", ({ basis, family }) => {
  it("equals numerical integration of p·ψ", () => {
    const law = fc.property(means, fc.double({ min: -8, max: -1, noNaN: true }), (mean, power) => {
      const variance = 10 ** power;
      const want = integrated(mean, variance, basis, family);
      expect(error(expectedValues(mean, variance, basis, family).value, want)).toBeLessThan(1e-11);
    });
    fc.assert(law, { seed: 61, numRuns: 8 });
  });

  it("equals the quadrature, derivatives too, scales from 1e-12 to 1e3", () => {
    const law = fc.property(means, fc.double({ min: -12, max: 3, noNaN: true }), (mean, power) => {
      if (basis.kind === "fourier" && power > -1) return; // wider than the period: the waves cancel to rounding
      const variance = 10 ** power;
      const got = expectedValues(mean, variance, basis, family);
      const want = expectedByQuadrature(mean, variance, basis, family);
      expect(error(got.value, want.value)).toBeLessThan(1e-10);
      if (basis.kind === "rectangular" && power < -3) return; // no quadrature over ψ′ of a jump
      expect(error(got.byMean, want.byMean)).toBeLessThan(1e-8);
      expect(error(got.byVariance, want.byVariance)).toBeLessThan(1e-6);
    });
    fc.assert(law, { seed: 62, numRuns: 40 });
  });

  it("has the derivatives of its value", () => {
    const law = fc.property(means, fc.double({ min: -9, max: 2, noNaN: true }), (mean, power) => {
      const variance = 10 ** power;
      const scale = densityKernel(family).scale(variance);
      const { value, byMean, byVariance } = expectedValues(mean, variance, basis, family);
      const at = (m: number, v: number) => expectedValues(m, v, basis, family).value;
      const step = 1e-4 * Math.min(scale, 0.02);
      const [up, down] = [at(mean + step, variance), at(mean - step, variance)];
      const [more, less] = [at(mean, variance * 1.0001), at(mean, variance * 0.9999)];
      const size = Math.max(...value.map(Math.abs)) + 1e-6;
      for (let j = 0; j < basis.count; j++) {
        expect(Math.abs((up[j]! - down[j]!) / (2 * step) - byMean[j]!) * Math.min(scale, 0.02)).toBeLessThan(
          1e-6 * size,
        );
        const numeric = (more[j]! - less[j]!) / 0.0002;
        expect(Math.abs(numeric - variance * byVariance[j]!)).toBeLessThan(1e-6 * size);
      }
    });
    fc.assert(law, { seed: 63, numRuns: 60 });
  });

  it("becomes the basis itself for a narrow density inside a cell", () => {
    const { value } = expectedValues(0.3137, 1e-30, basis, family);
    expect(error(value, designMatrix(basis, [0.3137]).data)).toBeLessThan(1e-9);
  });
});

describe("expectedValues", () => {
  it("loses the mass outside [0, 1]: half of it at an end", () => {
    for (const family of locationScaleFamilies) {
      const { value } = expectedValues(0, 1e-8, createBasis({ kind: "rectangular", count: 4 }), family);
      expect(value[0]).toBeCloseTo(0.5 * 2, 12);
      const legendre = expectedValues(1, 1e-12, createBasis({ kind: "legendre", count: 2 }), family);
      expect(legendre.value[0]).toBeCloseTo(0.5, 12);
    }
  });
});

describe("densityKernel", () => {
  it.each(locationScaleFamilies)("of %s has mass 1, and slope, bend and mass of its value", (family) => {
    const kernel = densityKernel(family);
    const over = (f: (u: number) => number, low: number, high: number) => integrate(f, low, high, 60);
    expect(over(kernel.value, -kernel.reach, kernel.reach)).toBeCloseTo(1, 13);
    for (const u of [-0.93, -0.4, 0, 0.2, 0.71]) {
      expect(kernel.slope(u)).toBeCloseTo((kernel.value(u + 1e-6) - kernel.value(u - 1e-6)) / 2e-6, 8);
      expect(kernel.bend(u)).toBeCloseTo(
        over((v) => v * kernel.value(v), u, kernel.reach),
        12,
      );
      expect(kernel.mass(-kernel.reach, u)).toBeCloseTo(over(kernel.value, -kernel.reach, u), 12);
    }
    for (const variance of [1e-9, 0.01, 3]) {
      const [up, down] = [kernel.scale(variance * 1.0001), kernel.scale(variance * 0.9999)];
      const scale = kernel.scale(variance);
      const numeric = (scale * (up - down)) / (0.0002 * variance);
      expect(Math.abs(kernel.lift(scale) / numeric - 1)).toBeLessThan(1e-7);
    }
  });

  it("is what entmax makes of quadratic scores: [(−τ − (t − μ)²/(2σ²))/2]₊² for the biweight", () => {
    const [mean, variance] = [0.3, 0.02];
    const reach = densityKernel("biweight").scale(variance);
    const threshold = -(reach * reach) / (2 * variance);
    for (const t of [0.1, 0.3, 0.55]) {
      const want = Math.max(0, 0.5 * (-threshold - (t - mean) ** 2 / (2 * variance))) ** 2;
      expect(locationScaleDensity("biweight", t, mean, variance)).toBeCloseTo(want, 12);
    }
  });

  it("refuses another family", () => {
    expect(() => densityKernel("box" as "gaussian")).toThrow(/family must be "gaussian" or/);
  });
});
