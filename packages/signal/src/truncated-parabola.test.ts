import { describe, expect, it } from "vitest";
import { integrate } from "./quadrature.js";
import { parabolaDensity, parabolaHalfWidth } from "./truncated-parabola.js";

describe("parabolaDensity", () => {
  for (const variance of [1e-9, 0.0025, 0.69, 40]) {
    it(`has mass 1, mean μ and variance a²/5 for the scale ${variance}`, () => {
      const mean = 0.3;
      const reach = parabolaHalfWidth(variance);
      const moment = (f: (t: number) => number): number =>
        integrate((t) => parabolaDensity(t, mean, variance) * f(t), mean - reach, mean + reach, 1);
      expect(moment(() => 1)).toBeCloseTo(1, 12);
      expect(moment((t) => (t - mean) / reach)).toBeCloseTo(0, 12);
      expect(moment((t) => ((t - mean) / reach) ** 2)).toBeCloseTo(1 / 5, 12);
    });
  }

  it("is 0 from the ends of its support on, and the score plus a constant within", () => {
    const [mean, variance] = [0.4, 0.01];
    const reach = parabolaHalfWidth(variance);
    for (const factor of [1.0001, 1.5, 100]) {
      expect(parabolaDensity(mean + factor * reach, mean, variance)).toBe(0);
      expect(parabolaDensity(mean - factor * reach, mean, variance)).toBe(0);
    }
    const score = (t: number): number => (-0.5 * (t - mean) ** 2) / variance;
    const threshold = parabolaDensity(mean, mean, variance);
    for (const t of [mean - 0.9 * reach, mean + 0.2 * reach])
      expect(parabolaDensity(t, mean, variance)).toBeCloseTo(score(t) + threshold, 12);
  });
});
