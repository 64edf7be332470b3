import { createRng, uniforms } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectSameTree } from "@infinite-former/tooling-vitest/same-tree";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  absorb,
  assertBounded,
  createMemoryPlan,
  emptyLongTermMemory,
  evaluate,
  fromBytes,
  type MemoryConfig,
  memoryGrowth,
  resolveMemoryConfig,
  toBytes,
} from "./index.js";

const bases: readonly MemoryConfig["basis"][] = ["gaussian", "rectangular", "fourier", "legendre", "bspline"];
const sizes = { basisCount: 24, segmentLength: 48, sampleCount: 60, ridge: 0.01 } as const;
const of = (basis: MemoryConfig["basis"], more: Partial<MemoryConfig> = {}): Partial<MemoryConfig> => ({
  basis,
  ...sizes,
  ...(basis === "gaussian" ? { basisWidths: [0.04, 0.1] } : {}),
  ...more,
});
/** A smooth signal: all bases of 24 functions can hold it. */
const signal = (t: number) => Math.sin(5 * t) + 0.5 * Math.cos(9 * t);
const segment = (length: number) =>
  tf.tensor3d(
    Float32Array.from({ length }, (_, i) => signal((i + 0.5) / length)),
    [1, length, 1],
  );

describe.each(bases)("a memory in %s functions", (basis) => {
  // Rectangles are constant over a 24th of [0, 1]; the others follow.
  const tolerance = basis === "rectangular" ? 0.15 : 0.05;

  it("holds what it absorbed, and the contracted past beside it", () => {
    using plan = createMemoryPlan(of(basis, { padding: "none" }));
    const before = tf.memory().numTensors;
    const [length, contraction] = [sizes.segmentLength, plan.config.contraction];
    const empty = emptyLongTermMemory({ batch: 1, basisCount: 24, modelSize: 1 });
    const rows = segment(length);
    plan.update(length);
    const held = tf.memory().numTensors;
    const once = absorb(plan, empty, rows);
    const inner = Array.from({ length: 17 }, (_, i) => 0.1 + i / 20);
    const first = evaluate(plan, once, inner);
    expectClose(first.dataSync(), inner.map(signal), { abs: tolerance });
    const twice = absorb(plan, once, rows);
    const past = [0.1, 0.25, 0.4, 0.55].map((t) => t * contraction);
    const read = evaluate(plan, twice, past);
    expectClose(
      read.dataSync(),
      past.map((t) => signal(t / contraction)),
      { abs: 4 * tolerance },
    );
    disposeTree([first, twice, read, once]);
    expect(tf.memory().numTensors).toBe(held);
    disposeTree([empty, rows]);
    expect(held).toBeGreaterThan(before);
  });

  it("samples the same past at even positions, sticky or not", () => {
    const shared = of(basis, { padding: "none" });
    using uniform = createMemoryPlan(shared);
    using sticky = createMemoryPlan({ ...shared, sampling: "sticky", stickyBins: 8 });
    tf.tidy(() => {
      const rows = segment(48);
      const empty = { batch: 1, basisCount: 24, modelSize: 1 };
      const plain = absorb(uniform, absorb(uniform, emptyLongTermMemory(empty), rows), rows);
      const positions = tf.tensor2d(
        Float32Array.from({ length: 60 }, (_, i) => (i + 1) / 60),
        [1, 60],
      );
      const once = absorb(sticky, emptyLongTermMemory({ ...empty, stickyBins: 8 }), rows, { positions });
      const drawn = absorb(sticky, once, rows, { positions });
      expectClose(drawn.coefficients.dataSync(), plain.coefficients.dataSync(), { abs: 1e-4, rel: 1e-4 });
    });
  });

  it("stays bounded, and its file is that of its basis", async () => {
    const config = resolveMemoryConfig(of(basis, { ridge: 1, sampleCount: 100 }));
    expect(memoryGrowth(config)).toBeLessThan(1);
    assertBounded(config);
    const values = uniforms(createRng(1), 24 * 3, -1, 1);
    const memory = { coefficients: tf.tensor3d(values, [1, 24, 3]), segments: tf.tensor1d([2]) };
    const bytes = await toBytes(config, memory);
    const back = fromBytes(bytes, config);
    expectSameTree(back, memory, { abs: 0, rel: 0 });
    const other = resolveMemoryConfig(
      of(basis === "bspline" ? "rectangular" : "bspline", { ridge: 1, sampleCount: 100 }),
    );
    expect(() => fromBytes(bytes, other)).toThrow(
      expect.objectContaining({ code: "ERR_MEMORY", path: "config.basis" }),
    );
    disposeTree([memory, back]);
  });
});

describe("resolveMemoryConfig", () => {
  it("pads with zeros only where there is an outside", () => {
    expect(bases.map((basis) => resolveMemoryConfig(of(basis)).padding)).toEqual([
      "zeros",
      "zeros",
      "none",
      "none",
      "zeros",
    ]);
    expect(() => resolveMemoryConfig(of("legendre", { padding: "zeros" }))).toThrow(
      'resolveMemoryConfig: padding must be "none" where basis is "legendre": it has no outside, got "zeros"',
    );
  });
});
