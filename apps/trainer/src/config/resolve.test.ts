import { ConfigFaultsError } from "@infinite-former/command-line";
import { describe, expect, it } from "vitest";
import { baseConfig, presets } from "./presets.js";
import { findPreset, presetConfig, resolveConfig, settingValue } from "./resolve.js";
import { settingSchemas } from "./schema.js";
import { settingOf, settingsOf } from "./settings.js";

const set = (assignment: string) => settingOf(assignment, (path) => settingValue(baseConfig, path));

/** The faults of some `--set` arguments as `path: message` lines. */
function faultsOf(...assignments: string[]): string[] {
  try {
    resolveConfig(baseConfig, assignments.map(set));
    return [];
  } catch (error) {
    if (!(error instanceof ConfigFaultsError)) throw error;
    return error.faults.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe("resolveConfig", () => {
  it("finds every fault at once, each with its path and where it came from", () => {
    const file = settingsOf({ trainin: {}, model: { contraction: 1, heads: "x" }, training: 3 }, "run.json");
    expect(() =>
      resolveConfig(baseConfig, [file, set("model.basisCount=63"), set("training.step=5")]),
    ).toThrow(
      [
        "7 faults",
        "  trainin: unknown section; did you mean training? (run.json)",
        "  training: must be an object of settings, got 3 (run.json)",
        "  training.step: unknown setting; did you mean training.steps? (--set)",
        '  model.heads: must be an integer from 1 to 1024, got "x" (run.json)',
        "  model.contraction: must be a number between 0 and 1, neither included, got 1 (run.json)",
        "  model.basisCount: must be even, got 63",
        "  model.basisCount: must be a multiple of the number of model.basisWidths (2), got 63",
      ].join("\n"),
    );
  });

  it.each([
    ["model.heads=3", "model.heads: must divide model.modelSize (128), got 3"],
    [
      "model.basisWidths=.01,.02,.03",
      "model.basisCount: must be a multiple of the number of model.basisWidths (3), got 32",
    ],
    ["model.basisCount=0", "model.basisCount: must be an integer from 2 to 65536, got 0 (--set)"],
    ["model.basisCount=-2", "model.basisCount: must be an integer from 2 to 65536, got -2 (--set)"],
    [
      "model.contraction=0",
      "model.contraction: must be a number between 0 and 1, neither included, got 0 (--set)",
    ],
    [
      "model.contraction=NaN",
      'model.contraction: must be a number between 0 and 1, neither included, got "NaN" (--set)',
    ],
    [
      "model.shortTermLength=65",
      "model.shortTermLength: must be 0 or a multiple of model.segmentLength (32), got 65",
    ],
    ["model.sampling=random", 'model.sampling: must be "uniform" or "sticky", got "random" (--set)'],
    ["model.stickyBins=0", "model.stickyBins: must be an integer from 1 to 65536, got 0 (--set)"],
    ["model.wipeAfter=0", "model.wipeAfter: must be an integer from 1 to 1000000000, got 0 (--set)"],
    [
      "model.density=box",
      'model.density: must be "gaussian" or "truncated-parabola" or "biweight" or "gibbs", got "box" (--set)',
    ],
    ["model.basis=fourier", 'model.padding: must be "none" where model.basis is "fourier", got "zeros"'],
    [
      "model.density=gibbs",
      'model.densityFrom: must be "scores" where model.density is "gibbs", got "affine"',
    ],
    ["model.basisPeriod=1", 'model.basisPeriod: must be null where model.basis is "gaussian", got 1'],
    ["model.densityCount=0", "model.densityCount: must be an integer from 1 to 256, got 0 (--set)"],
    [
      "model.kind=lstm",
      'model.kind: must be "infinite-former" or "transformer-xl" or "compressive" or "gpt2", got "lstm" (--set)',
    ],
    ["training.steps=1e400", "training.steps: must be an integer from 1 to 1000000000, got Infinity (--set)"],
    ["training.batchSize=1.5", "training.batchSize: must be an integer from 1 to 65536, got 1.5 (--set)"],
    ["training.learningRate=0", "training.learningRate: must be a number above 0, got 0 (--set)"],
    ["model.basisWidths=.01,x", 'model.basisWidths: [1] must be a number above 0, got [0.01,"x"] (--set)'],
    ["training.steps", '--set: must be path=value, as in training.steps=100, got "training.steps"'],
    ["learningrate=1", "learningrate: unknown setting; did you mean training.learningRate? (--set)"],
    [
      "model.learningRate=1",
      "model.learningRate: unknown setting; did you mean training.learningRate? (--set)",
    ],
  ])("refuses %s", (assignment, fault) => {
    expect(faultsOf(assignment)).toEqual([fault]);
  });

  it("lays file over preset, --set over file, and reads each kind of value", () => {
    const file = settingsOf({ training: { steps: 7, batchSize: 3 }, model: { gate: false } }, "f.json");
    const config = resolveConfig(presetConfig(findPreset("tiny")), [
      file,
      set("training.steps=9"),
      set("model.basisWidths=[0.1, 0.2]"),
      set("data.text=1984"),
      set("model.priorMean=0.5"),
      set("model.tiedOutput=false"),
    ]);
    expect(config.training).toMatchObject({ steps: 9, batchSize: 3, logEvery: 5 });
    expect(config.model).toMatchObject({
      gate: false,
      basisWidths: [0.1, 0.2],
      priorMean: 0.5,
      tiedOutput: false,
    });
    expect(config.data.text).toBe("1984");
    expect(resolveConfig(config, [set("data.text=null")]).data.text).toBeNull();
  });

  it("refuses biases of affine maps that are not there", () => {
    const changes = ["model.affineBias=true", "model.densityFrom=moments"].map(set);
    expect(() => resolveConfig(baseConfig, changes)).toThrow(
      'model.affineBias: must be false where model.densityFrom is "moments"',
    );
  });

  it("never lets a key reach a prototype", () => {
    const document = JSON.parse(
      '{"__proto__":{"polluted":1},"model":{"__proto__":{"polluted":1},"constructor":1}}',
    );
    expect(() => resolveConfig(baseConfig, [settingsOf(document, "f"), set("__proto__.polluted=1")])).toThrow(
      ConfigFaultsError,
    );
    expect("polluted" in {}).toBe(false);
  });

  it("says everything that is the run's own in config.json may stand in a configuration file", () => {
    const read = settingsOf(
      { ...baseConfig, versions: {}, seed: 3, vocabulary: [], command: "x" },
      "config.json",
    );
    expect(read.faults).toEqual([]);
    expect(resolveConfig(baseConfig, [read])).toEqual(baseConfig);
  });
});

describe("presets", () => {
  it("are all valid", () => {
    for (const preset of presets) expect(() => presetConfig(preset), preset.name).not.toThrow();
  });

  it("leave no setting without a value", () => {
    for (const path of settingSchemas.keys())
      expect(settingValue(baseConfig, path), path).not.toBeUndefined();
  });

  it("are found by name, and a slip of the pen finds the nearest", () => {
    expect(findPreset("tiny").name).toBe("tiny");
    expect(() => findPreset("moby-dik")).toThrow(
      '--preset: unknown preset "moby-dik"; did you mean moby-dick?',
    );
    expect(() => findPreset("x".repeat(5000))).toThrow("there is moby-dick");
  });
});
