import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recentlyUsed } from "./recently-used.js";

describe("recentlyUsed", () => {
  it("makes a value once while it is held", () => {
    const held = recentlyUsed<string, { readonly of: string }>({ limit: 2, size: () => 1 });
    const a = held.get("a", () => ({ of: "a" }));
    expect(held.get("a", () => ({ of: "other" }))).toBe(a);
  });

  it("holds what was used last, within its limit or one value, and drops each other value once", () => {
    const law = fc.property(
      fc.array(fc.nat(6), { maxLength: 60 }),
      fc.integer({ min: 0, max: 12 }),
      (uses, limit) => {
        const dropped: number[] = [];
        const size = (key: number): number => key + 1;
        const held = recentlyUsed<number, number>({ limit, size, drop: (key) => dropped.push(key) });
        let expected: number[] = []; // used longest ago first
        const gone: number[] = [];
        for (const key of uses) {
          const made = !expected.includes(key);
          let makes = 0;
          held.get(key, () => {
            makes++;
            return key;
          });
          expect(makes).toBe(made ? 1 : 0);
          expected = [...expected.filter((other) => other !== key), key];
          const total = (): number => expected.reduce((sum, other) => sum + size(other), 0);
          while (made && total() > limit && expected.length > 1) gone.push(expected.shift() as number);
          expect(dropped).toEqual(gone);
        }
        held.clear();
        expect(dropped).toEqual([...gone, ...expected]);
      },
    );
    fc.assert(law, { seed: 131, numRuns: 200 });
  });

  it("keeps nothing of a value that could not be made", () => {
    const held = recentlyUsed<string, number>({ limit: 2, size: () => 1 });
    expect(() =>
      held.get("a", () => {
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(held.get("a", () => 3)).toBe(3);
  });
});
