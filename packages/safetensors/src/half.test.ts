import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bfloat16ToFloat32, float32ToBfloat16, float32ToHalf, halfToFloat32 } from "./half.js";

const every = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits);
const kinds = [
  ["binary16", halfToFloat32, float32ToHalf, 0x7c00],
  ["bfloat16", bfloat16ToFloat32, float32ToBfloat16, 0x7f80],
] as const;

describe.each(kinds)("float32 rounded to %s", (_, widen, narrow, infinity) => {
  it("gives back every number that was one already, and NaN for NaN", () => {
    const back = narrow(widen(every));
    const again = widen(back);
    expect(every.every((bits, i) => back[i] === bits || (bits & 0x7fff) > infinity)).toBe(true);
    expect(every.every((bits, i) => (bits & 0x7fff) <= infinity || Number.isNaN(again[i]!))).toBe(true);
  });

  it("lies between neighbours at the nearer one, and at the even one of two as near", () => {
    const positive = widen(every.slice(0, infinity)); // ascending
    const beyond = 2 * positive.at(-1)! - positive.at(-2)!; // where the next number would be
    const law = fc.property(fc.nat(infinity - 1), fc.double({ min: 0, max: 1, noNaN: true }), (i, share) => {
      const [low, high] = [positive[i]!, i + 1 < infinity ? positive[i + 1]! : beyond];
      for (const x of [low + share * (high - low), (low + high) / 2].map(Math.fround)) {
        const want = x - low < high - x || (x - low === high - x && i % 2 === 0) ? i : i + 1;
        expect(narrow(Float32Array.of(x, -x))).toEqual(Uint16Array.of(want, want | 0x8000));
      }
    });
    fc.assert(law, { seed: 52, numRuns: 2000 });
  });

  it("reads a part of an array as it lies", () => {
    const values = Float32Array.of(9, 1, -2).subarray(1);
    expect(widen(narrow(values))).toEqual(Float32Array.of(1, -2));
  });
});
