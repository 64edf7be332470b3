import { disposeTree } from "@infinite-former/tensor";
import { expectSameTree } from "@infinite-former/tooling-vitest/same-tree";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, it } from "vitest";
import { coefficientsOf, config, empty, random } from "../test/oracle.js";
import { absorb, createMemoryPlan, fork, type LongTermMemory } from "./index.js";

const plan = createMemoryPlan(config);
afterAll(() => plan.dispose());

/** Three rows, the last of which is empty, with attention mass. */
const memory = (): LongTermMemory => ({
  ...tf.tidy(() => {
    const { coefficients, segments } = absorb(plan, empty(3), random([3, 10, 3]), {
      active: tf.tensor1d([1, 1, 0]),
    });
    return { coefficients, segments };
  }),
  attended: tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]),
});

describe("fork", () => {
  it("copies all rows bit for bit; both live and go on by themselves", () => {
    const { attended, ...plain } = memory();
    const copy = fork(plain);
    expectSameTree(copy, plain, { abs: 0, rel: 0 });
    const segment = random([3, 10, 3]);
    const want = absorb(plan, plain, segment);
    disposeTree(plain);
    const got = absorb(plan, copy, segment);
    expectSameTree(got, want, { abs: 0, rel: 0 });
    expect(coefficientsOf(copy, 0)).not.toEqual(coefficientsOf(got, 0));
    disposeTree([attended, copy, segment, want, got]);
  });

  it("copies the rows named, in their order, as often as named", () => {
    const from = memory();
    const copy = fork(from, [2, 0, 0, 1]);
    expect(Array.from(copy.segments.dataSync())).toEqual([0, 1, 1, 1]);
    expect(Array.from(copy.attended?.dataSync() ?? [])).toEqual([5, 6, 1, 2, 1, 2, 3, 4]);
    for (const [row, source] of [2, 0, 0, 1].entries()) {
      expect(coefficientsOf(copy, row)).toEqual(coefficientsOf(from, source));
    }
    disposeTree([from, copy]);
  });

  it("refuses rows that there are not, and leaves no tensors behind", () => {
    const from = memory();
    const before = tf.memory().numTensors;
    disposeTree(fork(from, [1]));
    const faults: [readonly number[], string][] = [
      [[0, 3], "fork: rows[1] must be a row of the batch of 3, got 3"],
      [[-1], "fork: rows[0] must be a row of the batch of 3, got -1"],
      [[0.5], "fork: rows[0] must be a row of the batch of 3, got 0.5"],
      [[], "fork: rows must name at least one row, got none"],
    ];
    for (const [rows, message] of faults) expect(() => fork(from, rows)).toThrow(message);
    const segments = tf.ones<tf.Rank.R1>([2]);
    const message = "fork: memory.segments must have shape [batch = 3], got [2]";
    expect(() => fork({ ...from, segments })).toThrow(message);
    segments.dispose();
    expect(tf.memory().numTensors).toBe(before);
    disposeTree(from);
  });
});
