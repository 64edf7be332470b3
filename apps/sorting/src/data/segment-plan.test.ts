import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type SegmentPlanOptions, segmentPlan } from "./segment-plan.js";

const usual = { answers: 20, segmentLength: 64, gradientSegments: 1, wholeSegment: false };

describe("segmentPlan", () => {
  it("takes gradients on the last segment alone where it holds all answers", () => {
    expect(segmentPlan({ ...usual, length: 236 })).toEqual({ ends: [64, 128, 192, 256], prefix: 3 });
    expect(segmentPlan({ ...usual, length: 4000, segmentLength: 1024 })).toEqual({
      ends: [1024, 2048, 3072, 4020],
      prefix: 3,
    });
  });

  it("takes gradients on every segment with answers where they straddle a border", () => {
    expect(segmentPlan({ ...usual, length: 250 })).toEqual({ ends: [64, 128, 192, 256, 270], prefix: 3 });
    expect(segmentPlan({ ...usual, length: 30, segmentLength: 8 }).prefix).toBe(3);
  });

  it("takes gradients on a whole segment where one is needed", () => {
    const plan = segmentPlan({ ...usual, length: 4000, segmentLength: 1024, wholeSegment: true });
    expect(plan.prefix).toBe(2);
    expect(segmentPlan({ ...usual, length: 236, wholeSegment: true }).prefix).toBe(3);
  });

  it("takes gradients on more segments if asked, on all where there are no more", () => {
    expect(segmentPlan({ ...usual, length: 236, gradientSegments: 2 }).prefix).toBe(2);
    expect(segmentPlan({ ...usual, length: 236, gradientSegments: 9 }).prefix).toBe(0);
    expect(segmentPlan({ ...usual, length: 10 })).toEqual({ ends: [30], prefix: 0 });
  });

  it("covers every input once, and every answer with gradient", () => {
    const options: fc.Arbitrary<SegmentPlanOptions> = fc.record({
      length: fc.integer({ min: 1, max: 300 }),
      answers: fc.integer({ min: 1, max: 30 }),
      segmentLength: fc.integer({ min: 1, max: 80 }),
      gradientSegments: fc.integer({ min: 1, max: 4 }),
      wholeSegment: fc.boolean(),
    });
    fc.assert(
      fc.property(options, (given) => {
        const { ends, prefix } = segmentPlan(given);
        const sizes = ends.map((end, index) => end - (ends[index - 1] ?? 0));
        expect(ends.at(-1)).toBe(given.length + given.answers);
        expect(sizes.slice(0, -1).every((size) => size === given.segmentLength)).toBe(true);
        expect(sizes.at(-1)).toBeLessThanOrEqual(given.segmentLength);
        expect(prefix === 0 || (ends[prefix - 1] as number) <= given.length).toBe(true);
        expect(ends.length - prefix >= Math.min(given.gradientSegments, ends.length)).toBe(true);
        const whole = sizes.slice(prefix).includes(given.segmentLength);
        expect(!given.wholeSegment || whole || !sizes.includes(given.segmentLength)).toBe(true);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
