import { describe, expect, it } from "vitest";
import { describeDifferences, settingDifferences } from "./setting-differences.js";

describe("settingDifferences", () => {
  it("names every value that differs, appears or is gone, and no other", () => {
    const before = { model: { layers: 2, widths: [1, 2], kind: "a", depth: { a: 1 } }, seed: 1, "a.b": null };
    const after = {
      seed: 2,
      model: { widths: [1, 3], layers: 2, kind: "a", depth: 3, more: false },
      "a.b": 0,
    };
    const found = settingDifferences(before, after);
    expect(found).toEqual([
      { path: "model.widths", before: [1, 2], after: [1, 3] },
      { path: "model.depth", before: { a: 1 }, after: 3 },
      { path: "model.more", before: undefined, after: false },
      { path: "seed", before: 1, after: 2 },
      { path: "a.b", before: null, after: 0 },
    ]);
    expect(describeDifferences(found)).toBe(
      [
        "  model.widths: [1,2] → [1,3]",
        '  model.depth: {"a":1} → 3',
        "  model.more: none → false",
        "  seed: 1 → 2",
        "  a.b: null → 0",
      ].join("\n"),
    );
  });

  it("finds none in a tree with its members in another order", () => {
    const before = { model: { layers: 2, widths: [1, 2], gate: null }, seed: 1 };
    const after = { seed: 1, model: { gate: null, widths: [1, 2], layers: 2 } };
    expect(settingDifferences(before, after)).toEqual([]);
  });

  it("takes no member from what every object has", () => {
    expect(settingDifferences({}, JSON.parse('{"toString":1,"__proto__":2}') as object)).toEqual([
      { path: "toString", before: undefined, after: 1 },
      { path: "__proto__", before: undefined, after: 2 },
    ]);
  });
});
