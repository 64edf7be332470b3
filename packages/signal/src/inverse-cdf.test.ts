import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleBins, stickyPositions } from "./inverse-cdf.js";

const uniform = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const mass = fc
  .array(fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 5, noNaN: true })), {
    minLength: 1,
    maxLength: 20,
  })
  .filter((all) => all.some((m) => m > 0));
const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);

describe("sampleBins", () => {
  it("counts the cumulative probabilities that do not exceed u", () => {
    // Cumulative probabilities .25, .25, 1: exact in binary.
    expect([...sampleBins([0.5, 0, 1.5], [0, 0.2, 0.25, 0.99, 1])]).toEqual([0, 0, 2, 2, 2]);
    expect([...sampleBins([0, 0, 3, 0], [0, 0.5, 1])]).toEqual([2, 2, 2]);
  });

  it("never draws a bin without mass, whatever the scale of the mass", () => {
    const law = fc.property(mass, fc.array(uniform), fc.integer({ min: -60, max: 60 }), (all, u, power) => {
      const bins = sampleBins(all, u);
      expect([...bins].every((b) => (all[b] as number) > 0)).toBe(true);
      expect(
        sampleBins(
          all.map((m) => m * 2 ** power),
          u,
        ),
      ).toEqual(bins);
    });
    fc.assert(law, { seed: 81, numRuns: 500 });
  });

  it("draws each bin as often as its share of an even grid of uniforms", () => {
    const all = [3, 1, 0, 4];
    const counts = [0, 0, 0, 0];
    for (const b of sampleBins(
      all,
      Array.from({ length: 800 }, (_, i) => (i + 0.5) / 800),
    ))
      counts[b]! += 1;
    expect(counts).toEqual([300, 100, 0, 400]);
  });
});

describe("stickyPositions", () => {
  it("are the left edges of the drawn bins, in ascending order", () => {
    const law = fc.property(mass, fc.array(uniform), (all, u) => {
      const want = [...sampleBins(all, u)].sort((a, b) => a - b).map((b) => b / all.length);
      expect([...stickyPositions(all, u)]).toEqual(want);
    });
    fc.assert(law, { seed: 82, numRuns: 300 });
  });

  it("within a bin invert the CDF that rises linearly there", () => {
    const law = fc.property(mass, uniform, (all, u) => {
      const [position] = stickyPositions(all, [u], "within-bin") as unknown as [number];
      const at = position * all.length;
      const bin = Math.min(Math.floor(at), all.length - 1);
      const below = sum(all.slice(0, bin)) + (at - bin) * (all[bin] as number);
      expect(below / sum(all)).toBeCloseTo(u, 12);
      const [edge] = stickyPositions(all, [u]) as unknown as [number];
      expect(position - edge).toBeGreaterThanOrEqual(0);
      expect(position - edge).toBeLessThanOrEqual(1 / all.length);
    });
    fc.assert(law, { seed: 83, numRuns: 500 });
  });

  it("of even mass are the uniform numbers themselves within bins", () => {
    const u = [0.9, 0.1, 0.37, 0];
    const got = stickyPositions(new Float64Array(128).fill(0.3), u, "within-bin");
    got.forEach((position, i) => {
      expect(position).toBeCloseTo([0, 0.1, 0.37, 0.9][i] as number, 13);
    });
  });
});
