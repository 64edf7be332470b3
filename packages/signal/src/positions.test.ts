import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  contractedPositions,
  type PositionGrid,
  paddedContractedPositions,
  paddedSegmentPositions,
  sampledPositions,
  segmentPositions,
} from "./positions.js";

const lengths = fc.integer({ min: 1, max: 200 });
const contractions = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const anyGrid = fc.constantFrom<PositionGrid>("midpoints", "endpoints", "mixed");
const increasing = (values: Float64Array): boolean => values.every((t, i) => i === 0 || t > values[i - 1]!);

describe("segmentPositions", () => {
  it("are the mid-points of L cells", () => {
    expect([...segmentPositions(4)]).toEqual([0.125, 0.375, 0.625, 0.875]);
    expect([...segmentPositions(1)]).toEqual([0.5]);
    expect(segmentPositions(4, "midpoints")).toEqual(segmentPositions(4, "mixed"));
  });

  it("are the paper's i/L on the grid of end points", () => {
    expect([...segmentPositions(4, "endpoints")]).toEqual([0.25, 0.5, 0.75, 1]);
  });
});

describe("paddedSegmentPositions", () => {
  it("are numpy's linspace of the reference: even and odd lengths", () => {
    const linspace = (from: number, to: number, n: number): number[] =>
      Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));
    for (const length of [2, 12, 100]) {
      const want = linspace(-0.5 + 1 / (2 * length), 1.5 - 1 / (2 * length), 2 * length);
      for (const [i, t] of paddedSegmentPositions(length).entries()) expect(t).toBeCloseTo(want[i]!, 14);
    }
    for (const length of [3, 15, 101]) {
      const want = linspace(-0.5 + 1 / length, 1.5 - 1 / length, 2 * length - 1);
      for (const [i, t] of paddedSegmentPositions(length).entries()) expect(t).toBeCloseTo(want[i]!, 14);
    }
  });

  it("hold the true positions in their middle, the padding outside [0, 1]", () => {
    const law = fc.property(lengths, anyGrid, (length, grid) => {
      const padded = paddedSegmentPositions(length, grid);
      const cut = (padded.length - length) / 2;
      expect(cut).toBe(Math.floor(length / 2));
      expect(padded.slice(cut, cut + length)).toEqual(segmentPositions(length, grid));
      expect(increasing(padded)).toBe(true);
      expect(padded.slice(0, cut).every((t) => t < 0)).toBe(true);
      expect(padded.slice(cut + length).every((t) => t > 1)).toBe(true);
    });
    fc.assert(law, { seed: 71, numRuns: 200 });
  });

  it("step by 1/L on the grid of end points too, over 0 itself", () => {
    expect([...paddedSegmentPositions(4, "endpoints")]).toEqual([-0.5, -0.25, 0.25, 0.5, 0.75, 1, 1.25, 1.5]);
  });
});

describe("sampledPositions", () => {
  it("exclude 0 and include 1", () => expect([...sampledPositions(4)]).toEqual([0.25, 0.5, 0.75, 1]));

  it("are cell mid-points on that grid", () => {
    expect([...sampledPositions(4, "midpoints")]).toEqual([0.125, 0.375, 0.625, 0.875]);
    expect(sampledPositions(7, "endpoints")).toEqual(sampledPositions(7));
  });
});

describe("contractedPositions", () => {
  it("squeeze the samples into (0, τ] and put the segment on (τ, 1]", () => {
    const got = contractedPositions({ sampleCount: 3, length: 2, contraction: 0.75 });
    expect([...got]).toEqual([0.25, 0.5, 0.75, 0.875, 1]);
  });

  it("lie at τ·t where a sample is read at t, and split the rest as a segment is split", () => {
    const law = fc.property(
      lengths,
      lengths,
      contractions,
      anyGrid,
      (sampleCount, length, contraction, grid) => {
        const got = contractedPositions({ sampleCount, length, contraction, grid });
        const read = sampledPositions(sampleCount, grid);
        const fresh = segmentPositions(length, grid === "mixed" ? "endpoints" : grid);
        const want = [
          ...read.map((t) => contraction * t),
          ...fresh.map((t) => contraction + (1 - contraction) * t),
        ];
        want.forEach((t, i) => {
          expect(Math.abs(got[i]! - t)).toBeLessThan(1e-15);
        });
      },
    );
    fc.assert(law, { seed: 73, numRuns: 200 });
  });
});

describe("paddedContractedPositions", () => {
  it("hold the true positions in their middle, evenly spaced padding outside [0, 1]", () => {
    const law = fc.property(
      lengths,
      lengths,
      contractions,
      anyGrid,
      (sampleCount, length, contraction, name) => {
        const grid = { sampleCount, length, contraction, grid: name };
        const padded = paddedContractedPositions(grid);
        const total = sampleCount + length;
        const cut = Math.floor(total / 2);
        expect(padded.length).toBe(total + 2 * cut);
        expect(padded.slice(cut, cut + total)).toEqual(contractedPositions(grid));
        const shift = 1 / (2 * length + sampleCount);
        const outer = Array.from(
          { length: 2 * total },
          (_, k) => -0.5 + shift + (k * (2 - 2 * shift)) / (2 * total - 1),
        );
        const below = outer.filter((t) => t < 0);
        const above = outer.filter((t) => t > 1);
        expect([below.length, above.length]).toEqual([cut, cut]);
        for (const [k, t] of below.entries()) expect(padded[k]).toBeCloseTo(t, 12);
        for (const [k, t] of above.entries()) expect(padded[cut + total + k]).toBeCloseTo(t, 12);
      },
    );
    fc.assert(law, { seed: 72, numRuns: 1000 });
  });
});

describe("every grid", () => {
  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "3" as never])(
    "refuses the length %s",
    (length) => {
      const grid = { sampleCount: 3, length, contraction: 0.5 };
      for (const make of [
        () => segmentPositions(length),
        () => paddedSegmentPositions(length),
        () => sampledPositions(length),
        () => contractedPositions(grid),
        () => paddedContractedPositions(grid),
        () => paddedContractedPositions({ sampleCount: length, length: 3, contraction: 0.5 }),
      ]) {
        expect(make).toThrow(
          expect.objectContaining({ code: "ERR_CONFIG", message: expect.stringMatching(/whole number ≥ 1/) }),
        );
      }
    },
  );

  it("refuses a name it does not know", () => {
    const grid = "left" as never;
    for (const make of [
      () => segmentPositions(3, grid),
      () => paddedSegmentPositions(3, grid),
      () => sampledPositions(3, grid),
      () => contractedPositions({ sampleCount: 2, length: 2, contraction: 0.5, grid }),
      () => paddedContractedPositions({ sampleCount: 2, length: 2, contraction: 0.5, grid }),
    ]) {
      expect(make).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path: "grid" }));
    }
  });

  it.each([0, 1, -0.1, 1.1, Number.NaN, "0.5" as never])("refuses the contraction %s", (contraction) => {
    const message = /contraction must lie between 0 and 1, both excluded/;
    expect(() => contractedPositions({ sampleCount: 2, length: 2, contraction })).toThrow(message);
    expect(() => paddedContractedPositions({ sampleCount: 2, length: 2, contraction })).toThrow(message);
  });
});
