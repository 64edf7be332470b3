import { createRng, uniforms } from "@infinite-former/random";
import { disposeTree, tidyTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { coefficientsOf, config, empty, float32, model, oracle, random, rowOf } from "../test/oracle.js";
import { absorb, createMemoryPlan, emptyLongTermMemory, evaluate, type LongTermMemory } from "./index.js";

const plan = createMemoryPlan(config);
afterAll(() => plan.dispose());
const rng = createRng(34);

function replace(old: LongTermMemory, next: LongTermMemory): LongTermMemory {
  disposeTree(old);
  return next;
}

describe("absorb", () => {
  it("equals fit, sampling and contracted fit by the definition in float64, over several segments", () => {
    tf.tidy(() => {
      const segments = [0, 1, 2, 3].map(() => random([2, 10, model]));
      let memory = empty(2);
      segments.forEach((segment, i) => {
        memory = absorb(plan, memory, segment);
        for (const b of [0, 1]) {
          expectClose(
            coefficientsOf(memory, b),
            oracle(segments.slice(0, i + 1).map((s) => rowOf(s, b))).data,
            float32,
          );
        }
        expect(Array.from(memory.segments.dataSync())).toEqual([i + 1, i + 1]);
      });
    });
  });

  it("does so for segments of any length, odd ones too", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 13 }), { minLength: 1, maxLength: 3 }), (lengths) => {
        tf.tidy(() => {
          const segments = lengths.map((length) => random([1, length, model]));
          const memory = segments.reduce((past, segment) => absorb(plan, past, segment), empty(1));
          expectClose(coefficientsOf(memory, 0), oracle(segments.map((s) => rowOf(s, 0))).data, float32);
        });
      }),
      { seed: 7, numRuns: 12 },
    );
  });

  it("fits each batch row by its own past: first, later, or not at all", () => {
    tf.tidy(() => {
      const [one, two, three] = [random([3, 10, model]), random([3, 10, model]), random([3, 10, model])];
      const first = absorb(plan, empty(3), one, {
        active: tf.tensor1d([1, 0, 1]),
      });
      expect(Array.from(first.segments.dataSync())).toEqual([1, 0, 1]);
      const second = absorb(plan, first, two, { active: tf.tensor1d([1, 1, 0]) });
      const third = absorb(plan, second, three);
      expect(Array.from(third.segments.dataSync())).toEqual([3, 2, 2]);
      expect(coefficientsOf(second, 2)).toEqual(coefficientsOf(first, 2));
      expectClose(coefficientsOf(first, 1), new Float32Array(48), { abs: 0, rel: 0 });
      expectClose(
        coefficientsOf(third, 0),
        oracle([rowOf(one, 0), rowOf(two, 0), rowOf(three, 0)]).data,
        float32,
      );
      expectClose(coefficientsOf(third, 1), oracle([rowOf(two, 1), rowOf(three, 1)]).data, float32);
      expectClose(coefficientsOf(third, 2), oracle([rowOf(one, 2), rowOf(three, 2)]).data, float32);
    });
  });

  it("squeezes the past: the signal at τ·t is what it was at t, within the fit", () => {
    const fine = { ...config, basisCount: 64, ridge: 1e-3, sampleCount: 400, segmentLength: 60 };
    using finePlan = createMemoryPlan(fine);
    tf.tidy(() => {
      const wave = (phase: number) =>
        tf.tensor3d(
          Float32Array.from({ length: 60 }, (_, i) => Math.sin(phase + (i + 0.5) / 12)),
          [1, 60, 1],
        );
      const past = absorb(finePlan, emptyLongTermMemory({ batch: 1, basisCount: 64, modelSize: 1 }), wave(0));
      const next = absorb(finePlan, past, wave(5));
      const times = [0.1, 0.25, 0.4, 0.5, 0.6, 0.75];
      const before = evaluate(finePlan, past, times).dataSync();
      const after = evaluate(
        finePlan,
        next,
        times.map((t) => t * fine.contraction),
      ).dataSync();
      expectClose(after, before, { abs: 0.02, rel: 0 });
    });
  });

  it("is bounded: a hundred segments keep the signal at the scale of what was read", () => {
    tf.tidy(() => {
      let memory = empty(1);
      for (let i = 0; i < 100; i++) memory = absorb(plan, memory, random([1, 10, model]));
      const signal = evaluate(
        plan,
        memory,
        Array.from({ length: 41 }, (_, i) => i / 40),
      );
      const largest = tf.max(tf.abs(signal)).dataSync()[0] as number;
      expect(largest).toBeGreaterThan(0.1);
      expect(largest).toBeLessThan(3);
    });
  });

  it("has the gradient of finite differences in the segment, for first and later rows at once", () => {
    const past = tidyTree(() =>
      absorb(plan, empty(3), random([3, 4, model]), { active: tf.tensor1d([1, 0, 1]) }),
    );
    expectGradients(
      (x) => absorb(plan, past, x).coefficients,
      [{ shape: [3, 4, model], values: uniforms(rng, 36, -1, 1) }],
    );
    const active = tf.tensor1d([1, 1, 0]);
    expectGradients(
      (x) => absorb(plan, past, tf.add(x, tf.zeros([3, 4, model])), { active }).coefficients,
      [{ shape: [4, model], values: uniforms(rng, 12, -1, 1) }],
    );
    active.dispose();
    disposeTree(past);
  });

  it("takes the past as a constant", () => {
    tf.tidy(() => {
      const segment = random([1, 10, model]);
      const twice = (x: tf.Tensor) => {
        const past = absorb(plan, empty(1), x as tf.Tensor3D);
        return tf.sum(absorb(plan, past, segment).coefficients);
      };
      expect(() => tf.grad(twice)(random([1, 10, model]))).toThrow(/gradient/);
    });
  });

  it("gives each batch row what it gives it alone", () => {
    tf.tidy(() => {
      const [one, two] = [random([3, 10, model]), random([3, 10, model])];
      const all = absorb(plan, absorb(plan, empty(3), one), two);
      for (let b = 0; b < 3; b++) {
        const row = (x: tf.Tensor3D) => tf.slice(x, b, 1);
        const alone = absorb(plan, absorb(plan, empty(1), row(one)), row(two));
        expectClose(coefficientsOf(all, b), coefficientsOf(alone, 0), { abs: 1e-6, rel: 1e-6 });
      }
    });
  });

  it("keeps the number of tensors flat over fifty segments, and when it refuses", () => {
    let memory = empty(2);
    const [segment, short] = [random([2, 10, model]), random([1, 10, model])];
    memory = replace(memory, absorb(plan, memory, segment));
    const before = tf.memory().numTensors;
    for (let i = 0; i < 50; i++) memory = replace(memory, absorb(plan, memory, segment));
    expect(tf.memory().numTensors).toBe(before);
    expect(() => absorb(plan, memory, short)).toThrow(
      "absorb: segment must have shape [batch = 2, length, model = 3], got [1, 10, 3]",
    );
    expect(() => absorb(plan, memory, segment, { active: segment as unknown as tf.Tensor1D })).toThrow(
      "active must have shape",
    );
    expect(() => absorb(createMemoryPlan({ ...config, basisCount: 8 }), memory, segment)).toThrow(
      "basis = 8",
    );
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([memory, segment, short]);
  });
});
