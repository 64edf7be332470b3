import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { startsFromEnd } from "./starts-from-end.js";

describe("startsFromEnd", () => {
  it("leaves the short segment to the beginning", () => {
    expect(startsFromEnd(1100, 512)).toEqual([0, 76, 588]);
    expect(startsFromEnd(1100, 512, 461)).toEqual([0, 127, 639]);
    expect(startsFromEnd(1024, 512)).toEqual([0, 512]);
    expect(startsFromEnd(0, 512)).toEqual([]);
    expect(startsFromEnd(3, 512)).toEqual([0]);
  });

  it("covers everything once, in whole segments but for the first and last", () => {
    const sizes = fc.tuple(fc.nat(2000), fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 }));
    fc.assert(
      fc.property(sizes, ([total, a, b]) => {
        const [last, length] = [Math.min(a, b), Math.max(a, b)];
        const starts = startsFromEnd(total, length, last);
        const sizes = starts.map((start, i) => (starts[i + 1] ?? total) - start);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(total);
        if (sizes.length > 1) expect(sizes.at(-1)).toBe(last);
        expect(sizes.slice(1, -1).every((size) => size === length)).toBe(true);
        expect(sizes.every((size) => size > 0 && size <= length)).toBe(true);
      }),
      { seed: 20_261_128, numRuns: 500 },
    );
  });

  it("refuses lengths that leave nothing, and a last segment longer than the others", () => {
    expect(() => startsFromEnd(5, 0)).toThrow("startsFromEnd: segmentLength must be an integer ≥ 1, got 0");
    expect(() => startsFromEnd(5, 4, 0)).toThrow("startsFromEnd: lastLength must be an integer ≥ 1, got 0");
    expect(() => startsFromEnd(5, 4, 5)).toThrow(
      "startsFromEnd: lastLength must be at most segmentLength 4, got 5",
    );
  });
});
