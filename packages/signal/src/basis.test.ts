import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BasisConfig, createBasis } from "./basis.js";
import { basisJet } from "./basis-jet.js";
import { ConfigError } from "./config-error.js";
import { designMatrix } from "./design-matrix.js";
import { integrate } from "./quadrature.js";

const configs: readonly BasisConfig[] = [
  { kind: "gaussian", count: 12, widths: [0.05, 0.2] },
  { kind: "rectangular", count: 12 },
  { kind: "fourier", count: 11, period: 1 },
  { kind: "fourier", count: 12 },
  { kind: "legendre", count: 24 },
  { kind: "bspline", count: 12 },
];
const positions = fc.double({ min: -0.5, max: 1.5, noNaN: true });

/** The B-spline of a degree over given knots, by the recursion of Cox and de Boor. */
function coxDeBoor(knots: readonly number[], degree: number, t: number): number {
  const [first, last] = [knots[0]!, knots[degree + 1]!];
  if (degree === 0) return t >= first && t < last ? 1 : 0;
  const left = ((t - first) / (knots[degree]! - first)) * coxDeBoor(knots, degree - 1, t);
  const right = ((last - t) / (last - knots[1]!)) * coxDeBoor(knots.slice(1), degree - 1, t);
  return left + right;
}

describe.each(configs)("createBasis of $kind, $count functions", (config) => {
  const basis = createBasis(config);

  it("gives a design matrix of all functions at all positions", () => {
    const at = [-0.1, 0, 0.25, 0.5, 0.77, 1, 1.2];
    const { rows, columns, data } = designMatrix(basis, at);
    expect([rows, columns]).toEqual([config.count, at.length]);
    at.forEach((t, i) => {
      const { value } = basisJet(basis, t);
      for (let j = 0; j < rows; j++) expect(data[j * columns + i]).toBe(value[j]);
    });
  });

  it("has the derivatives of its values", () => {
    const law = fc.property(positions, (t) => {
      const step = 1e-6;
      const jet = basisJet(basis, t);
      const [up, down] = [basisJet(basis, t + step), basisJet(basis, t - step)];
      const cells =
        config.kind === "legendre" ? 1 : config.kind === "bspline" ? config.count - 3 : config.count;
      if (Math.abs(t * cells - Math.round(t * cells)) < 1e-4) return; // at a kink, or a jump
      for (let j = 0; j < config.count; j++) {
        const size = Math.abs(jet.slope[j]!) + Math.abs(jet.bend[j]!) + 1;
        expect(Math.abs((up.value[j]! - down.value[j]!) / (2 * step) - jet.slope[j]!)).toBeLessThan(
          1e-6 * size,
        );
        expect(Math.abs((up.slope[j]! - down.slope[j]!) / (2 * step) - jet.bend[j]!)).toBeLessThan(
          1e-5 * size,
        );
      }
    });
    fc.assert(law, { seed: 41, numRuns: 100 });
  });
});

describe("createBasis", () => {
  it("takes a Gaussian basis as gaussianBasis does", () => {
    const basis = createBasis({ kind: "gaussian", count: 4, widths: [0.01, 0.05] });
    expect(basis).toMatchObject({ kind: "gaussian", count: 4 });
  });

  it("is orthonormal on [0, 1] where it says so", () => {
    for (const basis of [
      createBasis({ kind: "rectangular", count: 9 }),
      createBasis({ kind: "fourier", count: 9, period: 1 }),
      createBasis({ kind: "legendre", count: 9 }),
    ]) {
      for (let i = 0; i < 9; i++) {
        for (let j = 0; j < 9; j++) {
          const product = integrate(
            (t) => {
              const { value } = basisJet(basis, t);
              return value[i]! * value[j]!;
            },
            0,
            1,
            90,
          );
          expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(1e-12);
        }
      }
    }
  });

  it("has B-splines by the recursion of Cox and de Boor, each of norm 1", () => {
    const basis = createBasis({ kind: "bspline", count: 7 });
    const h = 1 / 4;
    for (let j = 0; j < 7; j++) {
      const knots = Array.from({ length: 5 }, (_, k) => (j - 3 + k) * h);
      for (let t = -0.8; t < 1.8; t += 0.0137) {
        const want = coxDeBoor(knots, 3, t) * Math.sqrt(315 / (151 * h));
        expect(Math.abs(basisJet(basis, t).value[j]! - want)).toBeLessThan(1e-13);
      }
      const norm = integrate((t) => basisJet(basis, t).value[j]! ** 2, -0.75, 1.75, 20);
      expect(Math.abs(norm - 1)).toBeLessThan(1e-13);
    }
  });

  it("has Legendre polynomials as their sums of powers, zero outside", () => {
    const { value } = basisJet(createBasis({ kind: "legendre", count: 4 }), 0.3);
    const want = [1, 2 * 0.3 - 1, 6 * 0.09 - 6 * 0.3 + 1, 20 * 0.027 - 30 * 0.09 + 12 * 0.3 - 1];
    want.forEach((p, n) => {
      expect(value[n]).toBeCloseTo(Math.sqrt(2 * n + 1) * p, 14);
    });
    expect([...basisJet(createBasis({ kind: "legendre", count: 3 }), 1.01).value]).toEqual([0, 0, 0]);
    const ends = basisJet(createBasis({ kind: "legendre", count: 3 }), 1).value;
    expect([...ends]).toEqual([1, Math.sqrt(3), Math.sqrt(5)]);
  });

  it("orders Fourier functions constant, cosine, sine, and repeats them after a period", () => {
    const basis = createBasis({ kind: "fourier", count: 4 });
    const angle = Math.PI * 0.3;
    const want = [1, ...[Math.cos(angle), Math.sin(angle), Math.cos(2 * angle)].map((x) => x * Math.SQRT2)];
    want.forEach((x, j) => {
      expect(basisJet(basis, 0.3).value[j]).toBeCloseTo(x, 14);
      expect(basisJet(basis, 2.3).value[j]).toBeCloseTo(x, 12);
    });
  });

  it("counts 1 to the last cell of rectangles", () => {
    expect([...basisJet(createBasis({ kind: "rectangular", count: 4 }), 1).value]).toEqual([0, 0, 0, 2]);
    expect([...basisJet(createBasis({ kind: "rectangular", count: 4 }), 0.25).value]).toEqual([0, 2, 0, 0]);
  });

  it.each([
    ["kind", { kind: "wavelet", count: 4 }],
    ["count", { kind: "rectangular", count: 0 }],
    ["count", { kind: "fourier", count: 1.5 }],
    ["period", { kind: "fourier", count: 3, period: 0 }],
    ["count", { kind: "legendre", count: -1 }],
    ["count", { kind: "bspline", count: 3 }],
    ["widths", { kind: "gaussian", count: 3, widths: [] }],
  ])("names %s for %o", (path, config) => {
    const attempt = () => createBasis(config as BasisConfig);
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path }));
  });
});
