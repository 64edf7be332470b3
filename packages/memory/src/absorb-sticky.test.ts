import { createRng, uniforms } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, it } from "vitest";
import { coefficientsOf, config, empty, float32, oracle, random, rowOf } from "../test/oracle.js";
import { absorb, createMemoryPlan, drawPositions, type LongTermMemory, resetRows } from "./index.js";

const bins = 8;
const sticky = { ...config, sampling: "sticky", stickyBins: bins } as const;
const plan = createMemoryPlan(sticky);
const uniform = createMemoryPlan(config);
afterAll(() => {
  plan.dispose();
  uniform.dispose();
});
const rng = createRng(36);
const { sampleCount } = config;

/** Ascending positions in [0, 1) of each row. */
const positions = (batch: number): tf.Tensor2D => {
  const rows = Array.from({ length: batch }, () => uniforms(rng, sampleCount).sort());
  return tf.tensor2d(Float32Array.from(rows.flatMap((row) => [...row])), [batch, sampleCount]);
};
const withMass = (memory: LongTermMemory): LongTermMemory => ({
  ...memory,
  attended: tf.ones([memory.segments.size, bins]),
});

describe("absorb with sticky sampling", () => {
  it("equals sampling at each row's own positions and fitting anew in float64, over several segments", () => {
    tf.tidy(() => {
      const segments = [0, 1, 2, 3].map(() => random([2, 10, 3]));
      const places = segments.map(() => positions(2));
      let memory = empty(2, bins);
      segments.forEach((segment, i) => {
        memory = absorb(plan, memory, segment, { positions: places[i] as tf.Tensor2D });
      });
      for (const b of [0, 1]) {
        const placesOf = (i: number) => tf.slice(places[i] as tf.Tensor2D, b, 1).dataSync();
        const want = oracle(
          segments.map((s) => rowOf(s, b)),
          sticky,
          placesOf,
        );
        expectClose(coefficientsOf(memory, b), want.data, { abs: 1e-5, rel: 2e-5 });
      }
    });
  });

  it("equals uniform sampling at the positions i/M, which rows without attention get", () => {
    tf.tidy(() => {
      const [one, two] = [random([2, 10, 3]), random([2, 10, 3])];
      const even = drawPositions(sticky, tf.zeros([2, bins]), tf.zeros([2, sampleCount]));
      const first = absorb(plan, empty(2, bins), one, { positions: even });
      const second = absorb(plan, first, two, { positions: even });
      const want = absorb(uniform, absorb(uniform, empty(2), one), two);
      expectClose(second.coefficients.dataSync(), want.coefficients.dataSync(), float32);
    });
  });

  it("starts the mass of rows that absorb at 0 and keeps that of the others", () => {
    tf.tidy(() => {
      const segment = random([2, 10, 3]);
      const past = withMass(absorb(plan, empty(2, bins), segment, { positions: positions(2) }));
      const active = tf.tensor1d([1, 0]);
      const next = absorb(plan, past, segment, { active, positions: positions(2) });
      expect(Array.from(next.attended?.dataSync() ?? [])).toEqual([
        ...Array(bins).fill(0),
        ...Array(bins).fill(1),
      ]);
      expect(coefficientsOf(next, 1)).toEqual(coefficientsOf(past, 1));
    });
  });

  it("makes no use of mass or positions in the first fit after a reset, which the mass survives", () => {
    tf.tidy(() => {
      const [one, two] = [random([2, 10, 3]), random([2, 10, 3])];
      const past = withMass(absorb(plan, empty(2, bins), one, { positions: positions(2) }));
      const reset = resetRows(past, tf.tensor1d([1, 0]));
      expect(reset.attended?.dataSync()).toEqual(past.attended?.dataSync());
      const next = absorb(plan, reset, two, { positions: positions(2) });
      expectClose(coefficientsOf(next, 0), oracle([rowOf(two, 0)]).data, float32);
    });
  });

  it("gives each batch row what it gives it alone", () => {
    tf.tidy(() => {
      const [one, two, places] = [random([3, 10, 3]), random([3, 10, 3]), positions(3)];
      const all = absorb(plan, absorb(plan, empty(3, bins), one, { positions: places }), two, {
        positions: places,
      });
      for (let b = 0; b < 3; b++) {
        const options = { positions: tf.slice(places, b, 1) };
        const first = absorb(plan, empty(1, bins), tf.slice(one, b, 1), options);
        const alone = absorb(plan, first, tf.slice(two, b, 1), options);
        expectClose(coefficientsOf(all, b), coefficientsOf(alone, 0), { abs: 1e-6, rel: 1e-6 });
      }
    });
  });

  it("refuses positions and mass that are missing, superfluous or misshapen, and leaves no tensors behind", () => {
    const [segment, places, short] = [random([1, 10, 3]), positions(1), tf.zeros<tf.Rank.R2>([1, 3])];
    const [past, plain, wide] = [empty(1, bins), empty(1), empty(1, bins + 1)];
    disposeTree([plan.update(10).take.clone(), uniform.update(10).take.clone()]);
    const before = tf.memory().numTensors;
    disposeTree(absorb(plan, past, segment, { positions: places }));
    const faults: [() => LongTermMemory, string][] = [
      [() => absorb(plan, past, segment), "positions must be given where sampling is sticky"],
      [() => absorb(plan, plain, segment, { positions: places }), "past.attended must be given"],
      [() => absorb(uniform, past, segment), "past.attended must be left out where sampling is uniform"],
      [() => absorb(uniform, plain, segment, { positions: places }), "positions must be left out"],
      [() => absorb(plan, past, segment, { positions: short }), "samples = 40], got [1, 3]"],
      [() => absorb(plan, wide, segment, { positions: places }), "stickyBins = 8], got [1, 9]"],
    ];
    for (const [call, message] of faults) expect(call).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([segment, places, short, past, plain, wide]);
  });
});

describe("absorb with wipeAfter", () => {
  it("starts afresh whenever a row has absorbed so many segments, each row by its own count", () => {
    using wiping = createMemoryPlan({ ...config, wipeAfter: 2 });
    tf.tidy(() => {
      const segments = [0, 1, 2, 3, 4].map(() => random([2, 10, 3]));
      let memory = empty(2);
      const counts: number[][] = [];
      segments.forEach((segment, i) => {
        memory = absorb(wiping, memory, segment, { active: tf.tensor1d([1, i === 0 ? 0 : 1]) });
        counts.push(Array.from(memory.segments.dataSync()));
        const since = [2 * Math.floor(i / 2), 2 * Math.floor((i - 1) / 2) + 1];
        for (const b of i === 0 ? [0] : [0, 1]) {
          const read = segments.slice(since[b], i + 1).map((s) => rowOf(s, b));
          expectClose(coefficientsOf(memory, b), oracle(read).data, float32);
        }
      });
      expect(counts).toEqual([
        [1, 0],
        [2, 1],
        [1, 2],
        [2, 1],
        [1, 2],
      ]);
    });
  });
});
