import { fitContracted, fitSegment, type Matrix, transpose } from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { createMemoryPlan, defaultMemoryConfig, memoryConfigErrors, resolveMemoryConfig } from "./index.js";

const config = {
  basisCount: 12,
  basisWidths: [0.05, 0.1],
  ridge: 0.2,
  contraction: 0.6,
  sampleCount: 20,
  segmentLength: 8,
};
// One rounding to float32.
const rounded = { abs: 1e-9, rel: 1e-7 };

describe("createMemoryPlan", () => {
  it("uploads the float64 fits, rounded once", () => {
    using plan = createMemoryPlan(config);
    const { basis } = plan;
    const first = transpose(fitSegment({ basis, length: 8, ridge: 0.2 }));
    const both = fitContracted({ basis, length: 8, ridge: 0.2, sampleCount: 20, contraction: 0.6 });
    const take: Matrix = { rows: 8, columns: 12, data: both.data.subarray(20 * 12) };
    expectClose(plan.first().dataSync(), first.data, rounded);
    expectClose(plan.take.dataSync(), transpose(take).data, rounded);
    expect(plan.carry.shape).toEqual([12, 12]);
    expect(plan.first(5).shape).toEqual([12, 5]);
  });

  it("uploads once, frees on disposal, and starts again after it", () => {
    const before = tf.memory().numTensors;
    const plan = createMemoryPlan(config);
    expect(tf.memory().numTensors).toBe(before);
    const carry = tf.tidy(() => plan.carry);
    expect(plan.carry).toBe(carry);
    expect(plan.update(8).first).toBe(plan.first());
    const used = tf.memory().numTensors;
    plan.update(3);
    expect(tf.memory().numTensors).toBe(2 * used - before);
    plan.dispose();
    plan.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(plan.carry.isDisposed).toBe(false);
    plan.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("uploads what sampling at any positions needs, with sticky sampling only", () => {
    using plan = createMemoryPlan({ ...config, sampling: "sticky" });
    const both = fitContracted({
      basis: plan.basis,
      length: 8,
      ridge: 0.2,
      sampleCount: 20,
      contraction: 0.6,
    });
    const past: Matrix = { rows: 20, columns: 12, data: both.data.subarray(0, 20 * 12) };
    expectClose(plan.update(8).resample?.dataSync() ?? [], transpose(past).data, rounded);
    using uniform = createMemoryPlan(config);
    expect(uniform.update(8).resample).toBeUndefined();
  });

  it("frees the maps of lengths used longest ago, so that any number of lengths can come", () => {
    using plan = createMemoryPlan(config);
    const before = tf.memory().numTensors;
    plan.update(8);
    const each = tf.memory().numTensors - before;
    for (let length = 1; length <= 70; length++) {
      plan.update(length);
      plan.update(8);
    }
    expect(tf.memory().numTensors - before).toBe(32 * each);
    expect(plan.update(8).carry.isDisposed).toBe(false);
  });

  it("refuses a length that is none", () => {
    const plan = createMemoryPlan(config);
    expect(() => plan.update(0)).toThrow(expect.objectContaining({ code: "ERR_SHAPE" }));
    expect(() => plan.update(1.5)).toThrow(expect.objectContaining({ code: "ERR_SHAPE" }));
  });
});

describe("resolveMemoryConfig", () => {
  it("fills in the defaults, lets the caller win and freezes", () => {
    expect(resolveMemoryConfig()).toEqual(defaultMemoryConfig);
    const config = resolveMemoryConfig({ contraction: 0.5 });
    expect(config).toEqual({ ...defaultMemoryConfig, contraction: 0.5 });
    expect(Object.isFrozen(config) && Object.isFrozen(config.basisWidths)).toBe(true);
  });

  const faults: [string, object][] = [
    ["basisCount", { basisCount: 0 }],
    ["basisCount", { basisCount: 511 }],
    ["basisWidths", { basisWidths: [0.01, 0] }],
    ["basisWidths", { basisWidths: [] }],
    ["ridge", { ridge: 0 }],
    ["contraction", { contraction: 1 }],
    ["contraction", { contraction: 0 }],
    ["contraction", { contraction: Number.NaN }],
    ["sampleCount", { sampleCount: 1.5 }],
    ["segmentLength", { segmentLength: -3 }],
    ["sampling", { sampling: "random" }],
    ["stickyBins", { stickyBins: 0 }],
    ["grid", { grid: "left" }],
    ["padding", { padding: "ones" }],
    ["stickyPositions", { stickyPositions: "right-edge" }],
    ["wipeAfter", { wipeAfter: 0 }],
  ];
  for (const [path, change] of faults) {
    it(`names ${path} for ${JSON.stringify(change)}`, () => {
      expect(() => resolveMemoryConfig(change)).toThrow(
        expect.objectContaining({ code: "ERR_CONFIG", path }),
      );
      expect(() => resolveMemoryConfig(change)).toThrow(`resolveMemoryConfig: ${path} must`);
    });
  }

  it("can list all faults at once", () => {
    const errors = memoryConfigErrors(
      { ...defaultMemoryConfig, ridge: -1, contraction: 2, basisCount: 3 },
      "train",
    );
    expect(errors.map(({ path }) => path)).toEqual(["basisCount", "ridge", "contraction"]);
    expect(errors[0]?.message).toBe("train: basisCount must be a multiple of the 2 basisWidths, got 3");
    expect(memoryConfigErrors(defaultMemoryConfig)).toEqual([]);
  });
});
