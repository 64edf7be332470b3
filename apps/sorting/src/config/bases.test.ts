import { describe, expect, it } from "vitest";
import { type CellPlan, planGrid } from "./grid.js";

const longTermOf = (...set: string[]): unknown => {
  const cells = planGrid({ preset: "medium", models: "infinite-former", set, variant: "own" });
  const { model } = (cells[0] as CellPlan).config;
  return model["longTerm"];
};

describe("planGrid", () => {
  it("takes bases and mixtures of densities as settings of the model", () => {
    expect(longTermOf("model.longTerm.densityCount=3")).toMatchObject({ densityCount: 3 });
    expect(longTermOf("model.longTerm.basis=bspline", "model.longTerm.basisWidths=[]")).toMatchObject({
      basis: "bspline",
      basisWidths: [],
    });
  });

  it("refuses what does not apply, naming it", () => {
    const attempt = () => longTermOf("model.longTerm.densityCount=3", "model.longTerm.density=gibbs");
    expect(attempt).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path: "longTerm.densityCount" }));
  });
});
