import { disposeTree } from "@infinite-former/tensor";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  appendCompressed,
  type CompressedMemory,
  emptyCompressedMemory,
  resetCompressedRows,
} from "./index.js";

/** One column of numbers per batch row, those that count; in front of them NaN-free leftovers of −1. */
function memory(count: number, counting: readonly (readonly number[])[]): CompressedMemory {
  const values = counting.flatMap((row) => [...Array<number>(count - row.length).fill(-1), ...row]);
  return {
    rows: tf.tensor3d(values, [counting.length, count, 1]),
    filled: tf.tensor1d(counting.map(({ length }) => length)),
  };
}

/** The rows that count. */
function counting({ rows, filled }: CompressedMemory): number[][] {
  const counts = filled.dataSync();
  return rows
    .arraySync()
    .map((row, b) => ((counts[b] as number) === 0 ? [] : row.slice(-(counts[b] as number)).flat()));
}

const numbered = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

describe("appendCompressed", () => {
  it("keeps the last of past and new in each batch row, however much of either counts", () => {
    const sizes = fc.record({
      count: fc.integer({ min: 1, max: 4 }),
      added: fc.integer({ min: 1, max: 4 }),
      capacity: fc.integer({ min: 1, max: 7 }),
      shares: fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(sizes, ({ count, added, capacity, shares }) => {
        tf.tidy(() => {
          const old = shares.map(([a], b) => numbered(100 * b, Math.min(a, count)));
          const fresh = shares.map(([, a], b) => numbered(100 * b + 50, Math.min(a, added)));
          const got = appendCompressed(memory(count, old), memory(added, fresh), capacity);
          expect(got.rows.shape).toEqual([shares.length, Math.min(count + added, capacity), 1]);
          const want = old.map((row, b) => [...row, ...(fresh[b] as number[])].slice(-capacity));
          expect(counting(got)).toEqual(want);
          const first = appendCompressed(null, memory(added, fresh), capacity);
          expect(first.rows.shape).toEqual([shares.length, Math.min(added, capacity), 1]);
          expect(counting(first)).toEqual(fresh.map((row) => row.slice(-capacity)));
        });
      }),
      { seed: 72, numRuns: 60 },
    );
  });

  it("equals finite differences in both", () => {
    const filled = tf.tensor1d([2, 1]);
    expectGradients(
      (past, more) => appendCompressed({ rows: past, filled }, { rows: more, filled }, 3).rows,
      [
        { shape: [2, 2, 1], values: [0.1, -0.4, 0.3, 0.9] },
        { shape: [2, 2, 1], values: [-0.7, 0.2, 0.5, -0.3] },
      ],
    );
    filled.dispose();
  });

  it("leaves no tensors behind and refuses what does not fit", () => {
    const [past, more] = [memory(2, [[1], [2, 3]]), memory(1, [[4], []])];
    const other = emptyCompressedMemory({ batch: 2, count: 1, modelSize: 2 });
    const before = tf.memory().numTensors;
    disposeTree(appendCompressed(past, more, 2));
    expect(() => appendCompressed(past, other, 2)).toThrow(
      "appendCompressed: past.rows must have shape [batch = 2, count, model = 2], got [2, 2, 1]",
    );
    expect(() => appendCompressed(past, more, 0)).toThrow(
      "appendCompressed: capacity must be a whole number",
    );
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([past, more, other]);
  });
});

describe("resetCompressedRows", () => {
  it("empties the rows that ended and leaves the others", () => {
    const past = memory(3, [[1, 2], [3], [4, 5, 6]]);
    const ended = tf.tensor1d([1, 0, 1]);
    const before = tf.memory().numTensors;
    const next = resetCompressedRows(past, ended);
    expect(counting(next)).toEqual([[], [3], []]);
    disposeTree(next);
    const three = tf.ones([2]) as tf.Tensor1D;
    expect(() => resetCompressedRows(past, three)).toThrow(
      "resetCompressedRows: ended must have shape [batch = 3], got [2]",
    );
    three.dispose();
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([past, ended]);
  });
});
