import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { binEdges, binMass } from "./histogram.js";
import { intervalMass, normalDensity } from "./normal.js";
import { parabolaMass } from "./parabola-mass.js";
import { integrate } from "./quadrature.js";

const mean = fc.double({ min: -0.2, max: 1.2, noNaN: true });
const variance = fc.double({ min: -8, max: 1, noNaN: true }).map((power) => 10 ** power);

/** `∫ p` over one bin; the panels follow the density's width. */
const quadrature = (low: number, high: number, center: number, spread: number): number =>
  integrate(
    (t) => normalDensity(t, center, spread),
    low,
    high,
    Math.ceil(20 + (high - low) / Math.sqrt(spread)),
  );

/** The truncated parabola as it is defined. */
const parabola = (t: number, center: number, scale: number): number => {
  const halfWidth = Math.cbrt(1.5 * scale);
  return Math.max(0, (halfWidth ** 2 - (t - center) ** 2) / (2 * scale));
};

describe("binEdges", () => {
  it("divides [0, 1] evenly, with its ends a millionth further out", () => {
    expect([...binEdges(4)]).toEqual([-1e-6, 0.25, 0.5, 0.75, 1.000001]);
    expect([...binEdges(1)]).toEqual([-1e-6, 1.000001]);
    expect(() => binEdges(0)).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path: "bins" }));
  });
});

describe("binMass", () => {
  it("equals numerical integration of the summed normal densities, bin by bin", () => {
    const densities = [
      [0.1, 0.003],
      [0.52, 0.02],
      [0.97, 0.5],
    ] as const;
    const got = binMass({
      bins: 9,
      means: densities.map(([m]) => m),
      variances: densities.map(([, v]) => v),
    });
    const edges = binEdges(9);
    got.forEach((mass, k) => {
      const [low, high] = [edges[k] as number, edges[k + 1] as number];
      const want = densities.reduce((sum, [m, v]) => sum + quadrature(low, high, m, v), 0);
      expect(mass).toBeCloseTo(want, 13);
    });
  });

  it("loses what lies outside [0, 1], and nothing else", () => {
    for (const density of ["gaussian", "truncated-parabola"] as const) {
      const massOf = density === "gaussian" ? intervalMass : parabolaMass;
      const law = fc.property(fc.array(fc.tuple(mean, variance), { maxLength: 6 }), (densities) => {
        const [means, variances] = [densities.map(([m]) => m), densities.map(([, v]) => v)];
        const mass = binMass({ bins: 16, means, variances, density });
        const inside = densities.reduce((sum, [m, v]) => sum + massOf(-1e-6, 1.000001, m, v), 0);
        expect(mass.every((m) => m >= 0)).toBe(true);
        expect(mass.reduce((a, b) => a + b, 0)).toBeCloseTo(inside, 12);
      });
      fc.assert(law, { seed: 71, numRuns: 200 });
    }
  });
});

describe("parabolaMass", () => {
  it("equals numerical integration of the truncated parabola", () => {
    const law = fc.property(mean, variance, mean, mean, (center, scale, a, b) => {
      const halfWidth = Math.cbrt(1.5 * scale);
      const [from, to] = [center - halfWidth, center + halfWidth];
      const clip = (t: number) => Math.max(from, Math.min(to, t));
      const want = integrate((t) => parabola(t, center, scale), clip(a), clip(b), 4);
      expect(parabolaMass(a, b, center, scale)).toBeCloseTo(want, 11);
    });
    fc.assert(law, { seed: 72, numRuns: 500 });
  });

  it("is 1 over the whole support and keeps the digits of a narrow interval", () => {
    expect(parabolaMass(-9, 9, 0.3, 0.69)).toBe(1);
    const width = 1e-9;
    const density = parabola(0.5, 0.3, 0.01);
    expect(parabolaMass(0.5, 0.5 + width, 0.3, 0.01) / (width * density)).toBeCloseTo(1, 6);
  });
});
