import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { activateBackend } from "./activate.js";
import { inspectBackends } from "./inspect.js";

const { INFINITE_FORMER_NATIVE: allowed, INFINITE_FORMER_TEST_BACKENDS: tested } = process.env;
const native = allowed !== "0" && (!tested || tested.includes("tensorflow"));

describe("inspectBackends", () => {
  it("finds every backend and leaves the current one as it was", async ({ skip }) => {
    if (!native) skip("native TensorFlow is switched off or not to be had here");
    await activateBackend("cpu");
    const inspection = await inspectBackends("auto");
    expect(tf.getBackend()).toBe("cpu");
    expect(Object.keys(inspection)).toEqual(["selected", "node", "backends"]);
    expect(inspection.selected).toBe("tensorflow");
    expect(inspection.backends.map(({ name, available }) => [name, available])).toEqual([
      ["tensorflow", true],
      ["wasm", true],
      ["cpu", true],
    ]);
    for (const backend of inspection.backends) {
      expect(Object.keys(backend)).toEqual(["name", "available", "version", "device", "reason", "remedy"]);
      expect(backend).toMatchObject({ version: expect.any(String), reason: null, remedy: null });
    }
  });
});
