import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apart } from "./apart.js";

const range = { least: 0, most: 1 };

describe("apart", () => {
  it("leaves labels where they belong if they do not touch", () => {
    expect(apart([0.5, 0.1, 0.9], 0.1, range)).toEqual([0.5, 0.1, 0.9]);
  });

  it("moves two that touch by half of what is missing each", () => {
    const [upper, lower] = apart([0.51, 0.49], 0.1, range) as [number, number];
    expect(upper).toBeCloseTo(0.55, 9);
    expect(lower).toBeCloseTo(0.45, 9);
  });

  it("keeps labels inside, in their order and the gap apart", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (wanted) => {
        const placed = apart(wanted, 0.05, range);
        const sorted = wanted.map((want, i) => [want, placed[i] as number]).sort((a, b) => a[0]! - b[0]!);
        for (const place of placed) expect(place > -1e-9 && place < 1 + 1e-9).toBe(true);
        const places = sorted.map(([, place]) => place as number).sort((a, b) => a - b);
        places.slice(1).forEach((place, i) => {
          expect(place - places[i]!).toBeGreaterThan(0.05 - 1e-6);
        });
      }),
      { seed: 3 },
    );
  });
});
