import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { concatRows, disposeTree, leaves, takeRows } from "./index.js";

interface State {
  readonly recent: readonly tf.Tensor3D[];
  readonly filled: tf.Tensor1D;
  readonly ids?: tf.Tensor2D;
}

/** Rows of numbers that no other place has. */
function state(batch: number, start: number, rows = 2): State {
  const count = (size: number, from: number) => Array.from({ length: size }, (_, i) => from + i);
  return {
    recent: [tf.tensor3d(count(batch * rows * 3, start), [batch, rows, 3])],
    filled: tf.tensor1d(count(batch, start + 100)),
    ids: tf.tensor2d(count(batch * 2, start + 200), [batch, 2], "int32"),
  };
}

const numbers = (tree: object) =>
  leaves(tree).map(({ path, tensor }) => [path, tensor.dtype, tensor.arraySync()]);

describe("takeRows", () => {
  it("gives the rows named, in that order, and twice if asked", () => {
    const before = tf.memory().numTensors;
    const whole = state(3, 1);
    const taken = takeRows(whole, [2, 0, 2]);
    const [recent, filled, ids] = leaves(whole).map(({ tensor }) => tensor.arraySync() as unknown[]);
    const pick = (rows: unknown[] | undefined) => [rows?.[2], rows?.[0], rows?.[2]];
    expect(numbers(taken)).toEqual([
      ["recent.0", "float32", pick(recent)],
      ["filled", "float32", pick(filled)],
      ["ids", "int32", pick(ids)],
    ]);
    disposeTree([whole, taken]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses rows that are not there, and says where", () => {
    const before = tf.memory().numTensors;
    const whole = state(3, 1);
    for (const row of [3, -1, 0.5, Number.NaN]) {
      expect(() => takeRows(whole, [0, row])).toThrow(
        `rows must be in range, got ${row}; recent.0 has 3 rows`,
      );
    }
    expect(() => takeRows(whole, [])).toThrow("at least one row");
    const scalar = { count: tf.scalar(1) };
    expect(() => takeRows(scalar, [0])).toThrow("count has no batch axis");
    disposeTree([whole, scalar]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("concatRows", () => {
  it("is the inverse of taking rows apart", () => {
    const before = tf.memory().numTensors;
    const whole = state(4, 1);
    const parts = [takeRows(whole, [0]), takeRows(whole, [1, 2]), takeRows(whole, [3])];
    const joined = concatRows(parts);
    expect(numbers(joined)).toEqual(numbers(whole));
    disposeTree([whole, parts, joined]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses trees that differ in more than the batch, and says where", () => {
    const before = tf.memory().numTensors;
    const [one, longer, { ids, ...without }] = [state(1, 1), state(2, 9, 3), state(1, 5)];
    expect(() => concatRows([one, longer])).toThrow(
      "concatRows: trees[1] at recent.0 must be float32 [batch, 2, 3], got float32 [batch, 3, 3]",
    );
    expect(() => concatRows([one, without])).toThrow("trees[1] at ids must be int32 [batch, 2], got nothing");
    expect(() => concatRows([without, one])).toThrow("trees[1] at ids must be nothing, got int32 [batch, 2]");
    expect(() => concatRows([])).toThrow("at least one");
    const scalar = tf.scalar(1);
    expect(() => concatRows([{ scalar }])).toThrow("trees[0] at scalar must be [batch, …], got a scalar");
    disposeTree([one, longer, without, ids, scalar]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
