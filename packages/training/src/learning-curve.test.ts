import { createRng, uniforms } from "@infinite-former/random";
import { describe, expect, it } from "vitest";
import { addUpdate, emptyCurve, type LearningCurve } from "./learning-curve.js";

describe("addUpdate", () => {
  it("gives each point the means over its own updates, also from JSON in between", () => {
    const rng = createRng(5);
    const updates = Array.from({ length: 40 }, (_, index) => {
      const [loss, accuracy, share] = uniforms(rng, 3, 0, 1) as unknown as [number, number, number];
      return { step: index + 1, loss, accuracy, complete: share < 0.3 };
    });
    let curve: LearningCurve<"loss" | "accuracy"> = emptyCurve;
    for (const { complete, ...update } of updates)
      curve = JSON.parse(JSON.stringify(addUpdate(curve, update, complete)));
    const ends = updates.filter(({ complete }) => complete).map(({ step }) => step);
    expect(ends.length).toBeGreaterThan(5);
    expect(curve.points.map(({ step }) => step)).toEqual(ends);
    curve.points.forEach((point, i) => {
      const own = updates.slice(ends[i - 1] ?? 0, point.step);
      for (const name of ["loss", "accuracy"] as const) {
        const mean = own.reduce((sum, one) => sum + one[name], 0) / own.length;
        expect(point[name]).toBeCloseTo(mean, 12);
      }
    });
    expect(curve.open.updates).toBe(updates.length - (ends.at(-1) as number));
  });
});
