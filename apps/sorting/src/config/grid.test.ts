import { describe, expect, it } from "vitest";
import { modelNames } from "../models/names.js";
import { configDifferences } from "./differences.js";
import { type CellPlan, cellName, planGrid } from "./grid.js";
import { presets } from "./presets.js";

const plan = (request: object): CellPlan[] => planGrid({ preset: "medium", set: [], ...request });

describe("planGrid", () => {
  it("plans every model at every length and seed of a preset, short lengths first", () => {
    const cells = plan({});
    expect(cells).toHaveLength(4 * 3 * 2);
    expect(cells.map(({ length }) => length)).toEqual(
      [...cells.map(({ length }) => length)].sort((a, b) => a - b),
    );
    expect(new Set(cells.map(cellName)).size).toBe(24);
    expect(cellName(cells[0] as CellPlan)).toBe("transformer-xl-236-1");
  });

  it("plans what is asked for, each once", () => {
    const cells = plan({ models: "compressive,transformer-xl,compressive", lengths: "250", seeds: "7" });
    expect(cells.map(cellName)).toEqual(["compressive-250-7", "transformer-xl-250-7"]);
  });

  it("records every setting, the defaults of the model included", () => {
    const [cell] = plan({ models: "infinite-former-sticky" });
    expect(cell?.config.model).toMatchObject({
      segmentLength: 64,
      norm: "post",
      longTerm: { basisCount: 64, sampling: "sticky", contraction: 0.75 },
    });
    expect(cell?.config.model).not.toHaveProperty("vocabularySize");
  });

  it("changes settings that the preset names and those it leaves to defaults", () => {
    const set = ["model.longTerm.contraction=0.5", "model.modelSize=64", "training.steps=7"];
    const [cell] = plan({ models: "infinite-former", set, variant: "less" });
    const [usual] = plan({ models: "infinite-former" });
    expect(cellName(cell as CellPlan)).toBe("infinite-former.less-236-1");
    expect(configDifferences(usual!.config, cell!.config)).toEqual([
      "  model.modelSize: 128 → 64",
      "  model.headSize: 32 → 16",
      "  model.longTerm.contraction: 0.75 → 0.5",
      "  training.steps: 3000 → 7",
    ]);
  });

  it.each([
    [{ preset: "medum" }, 'unknown preset "medum"; did you mean medium?'],
    [{ models: "compresive" }, 'unknown model "compresive"; did you mean compressive?'],
    [{ lengths: "236,many" }, '--lengths: must be integers of at least 1, got "many"'],
    [{ seeds: "-1" }, '--seeds: must be integers of at least 0, got "-1"'],
    [{ set: ["training.steps=5"] }, "--set: must come with --variant NAME"],
    [{ variant: "a/b", set: ["training.steps=5"] }, "--variant: must be made of small letters"],
    [{ variant: "plain" }, "--variant: must come with at least one --set"],
    [{ variant: "x", set: ["steps"] }, "--set: must be path=value"],
    [{ variant: "x", set: ["training.stops=5"] }, "did you mean training.steps?"],
    [{ variant: "x", set: ["model.longTerm=5"] }, "model.longTerm: transformer-xl has no such setting"],
    [
      { variant: "x", set: ["training.steps=few"] },
      'training.steps: must be an integer of at least 1, got "few"',
    ],
    [{ variant: "x", set: ["model.heads=3"] }, "heads must divide modelSize 128"],
  ])("refuses %j", (request, message) => {
    expect(() => plan(request)).toThrow(message);
    try {
      plan(request);
    } catch (error) {
      expect(error).toHaveProperty("code", "ERR_CONFIG");
    }
  });
});

describe("the presets", () => {
  it.each(presets)(
    "$name trains all models on an equal footing, but for their own rates",
    ({ name: preset, cells }) => {
      const bodies = modelNames.map((name) => {
        const { layers, modelSize, heads, innerSize, segmentLength } = cells[name].model;
        const { penaltyWeight: _, learningRate, ...training } = cells[name].training;
        // Only medium has a search behind it.
        if (preset !== "medium") expect(learningRate).toBe(cells["transformer-xl"].training.learningRate);
        return {
          layers,
          modelSize,
          heads,
          innerSize,
          segmentLength,
          training,
          evaluation: cells[name].evaluation,
        };
      });
      for (const body of bodies) expect(body).toEqual(bodies[0]);
    },
  );

  it("paper has the sizes of the paper", () => {
    const [xl, compressive, infinite] = modelNames.map((name) => plan({ preset: "paper", models: name })[0]!);
    expect(xl?.config).toMatchObject({
      model: { layers: 3, heads: 6, segmentLength: 1024, shortTermLength: 2048 },
      training: { steps: 20_000, batchSize: 8, learningRate: 2e-4 },
    });
    expect(compressive?.config.model).toMatchObject({ shortTermLength: 1024, compressedLength: 1024 });
    expect(infinite?.config.model).toMatchObject({ shortTermLength: 1024, longTerm: { basisCount: 1024 } });
    expect(presets.find(({ name }) => name === "paper")?.lengths).toEqual([4000, 8000, 16_000]);
  });
});
