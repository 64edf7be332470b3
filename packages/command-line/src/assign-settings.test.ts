import { describe, expect, it } from "vitest";
import { assignSettings, settingAt, settingPaths } from "./assign-settings.js";

const complete = { model: { layers: 2, name: "x", widths: [0.1], inner: { on: true } } };

describe("assignSettings", () => {
  it("sets values by the kind that they have, also where the settings leave them to a default", () => {
    const settings = { model: { layers: 2 } };
    const changed = assignSettings(
      settings,
      complete,
      ["model.layers=3", "model.name=4", "model.widths=1,2", "model.inner.on=false"],
      "gpt2",
    );
    expect(changed).toEqual({ model: { layers: 3, name: "4", widths: [1, 2], inner: { on: false } } });
    expect(settings).toEqual({ model: { layers: 2 } });
  });

  it("refuses every path that is none, and sections", () => {
    const all = ["model.layer=1", "model.inner=1", "model", "other.thing=1"];
    expect(() => assignSettings({}, complete, all, "gpt2")).toThrow(
      "4 faults\n" +
        "  model.layer: gpt2 has no such setting; did you mean model.layers?\n" +
        "  model.inner: gpt2 has no such setting; did you mean model.inner.on?\n" +
        '  --set: must be path=value, as in training.steps=100, got "model"\n' +
        "  other.thing: gpt2 has no such setting",
    );
  });
});

describe("settingPaths", () => {
  it("lists what settingAt finds", () => {
    const paths = settingPaths(complete);
    expect(paths).toEqual(["model.layers", "model.name", "model.widths", "model.inner.on"]);
    expect(paths.map((path) => settingAt(complete, path))).toEqual([2, "x", [0.1], true]);
    expect(settingAt(complete, "model.constructor")).toBeUndefined();
  });
});
