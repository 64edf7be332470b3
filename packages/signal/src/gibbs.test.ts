import { describe, expect, it } from "vitest";
import { type BasisConfig, createBasis } from "./basis.js";
import { basisJet } from "./basis-jet.js";
import { gibbsDensity } from "./gibbs.js";
import { integrate } from "./quadrature.js";
import { quadratureGrid } from "./quadrature-grid.js";

const configs: readonly BasisConfig[] = [
  { kind: "gaussian", count: 12, widths: [0.05, 0.2] },
  { kind: "rectangular", count: 7 },
  { kind: "fourier", count: 9 },
  { kind: "legendre", count: 12 },
  { kind: "bspline", count: 10 },
];

describe.each(configs)("gibbsDensity over $kind functions", (config) => {
  const basis = createBasis(config);
  const size = Math.max(...basisJet(basis, 0.5).value.map(Math.abs));
  const raw = Float64Array.from({ length: config.count }, (_, j) => Math.sin(5 * j + 1));
  const exponent = (weights: Float64Array, t: number) =>
    basisJet(basis, t).value.reduce((sum, psi, j) => sum + psi * (weights[j] as number), 0);
  // Exponents between −3 and 3.
  const most = Math.max(...Array.from({ length: 301 }, (_, i) => Math.abs(exponent(raw, i / 300))));
  const scores = raw.map((score) => (3 * score) / most);
  const power = (t: number) => Math.exp(exponent(scores, t));
  const over = (f: (t: number) => number) => integrate(f, 0, 1, 7 * 60);

  it("equals numerical integration, expected values and divergence", () => {
    const { expected, divergence, probabilities, grid } = gibbsDensity(basis, scores);
    const total = over(power);
    for (let j = 0; j < config.count; j++) {
      const want = over((t) => (power(t) / total) * (basisJet(basis, t).value[j] as number));
      expect(Math.abs((expected[j] as number) - want) / size).toBeLessThan(1e-4);
    }
    expect(Math.abs(divergence - over((t) => (power(t) / total) * Math.log(power(t) / total)))).toBeLessThan(
      1e-4,
    );
    expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 14);
    expect(probabilities.length).toBe(grid.positions.length);
  });

  it("is uniform without scores", () => {
    const { divergence, probabilities, grid } = gibbsDensity(basis, new Float64Array(config.count));
    expect(divergence).toBeCloseTo(0, 14);
    probabilities.forEach((p, g) => {
      expect(p).toBeCloseTo(grid.weights[g] as number, 15);
    });
  });

  it("stays finite for scores that overflow exp", () => {
    const { expected } = gibbsDensity(
      basis,
      scores.map((s) => 1e5 * s),
    );
    expect(expected.every(Number.isFinite)).toBe(true);
  });
});

describe("quadratureGrid", () => {
  it("has weights of sum 1 and ascending positions in [0, 1]", () => {
    for (const config of configs) {
      const { positions, weights } = quadratureGrid(createBasis(config));
      expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 13);
      expect([...positions].sort((a, b) => a - b)).toEqual([...positions]);
    }
  });
});
