import { createRng, uniforms } from "@infinite-former/random";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { distanceRows } from "./compressive-positions.js";

const [heads, rows, size] = [2, 6, 2];
const values = uniforms(createRng(82), heads * rows * size, -1, 1);
/** Row of head `h` in the table. */
const tableRow = (h: number, row: number): number[] =>
  Array.from(values.subarray((h * rows + row) * size, (h * rows + row + 1) * size));

describe("distanceRows", () => {
  it("gives the same row for a distance whatever is visible, where the table is fixed", () => {
    for (const keys of [1, 4, 6]) {
      tf.tidy(() => {
        const got = distanceRows(
          tf.tensor3d(values, [heads, rows, size]),
          keys,
          "fixed",
          tf.tensor1d([3, 5]),
        );
        expect(got.shape).toEqual([keys, heads, size]);
        const all = got.arraySync() as number[][][];
        for (let h = 0; h < heads; h++) {
          for (let distance = 0; distance < keys; distance++) {
            expect(all[keys - 1 - distance]?.[h]).toEqual(tableRow(h, rows - 1 - distance));
          }
        }
      });
    }
  });

  it("counts distances back from the last visible row in each batch row, where it moves", () => {
    const [keys, visible] = [4, [3, 6, 4]];
    tf.tidy(() => {
      const table = tf.tensor3d(values, [heads, rows, size]);
      const got = distanceRows(table, keys, "moving", tf.tensor1d(visible));
      expect(got.shape).toEqual([visible.length, keys, heads, size]);
      const all = got.arraySync() as number[][][][];
      visible.forEach((count, b) => {
        for (let h = 0; h < heads; h++) {
          for (let distance = 0; distance < Math.min(keys, count); distance++) {
            expect(all[b]?.[keys - 1 - distance]?.[h]).toEqual(tableRow(h, count - 1 - distance));
          }
        }
      });
    });
  });

  it("equals finite differences in the table, and leaves no tensors behind", () => {
    const visible = tf.tensor1d([3, 6]);
    const before = tf.memory().numTensors;
    for (const kind of ["fixed", "moving"] as const) {
      expectGradients(
        (table) => distanceRows(table, 4, kind, visible),
        [{ shape: [heads, rows, size], values }],
      );
    }
    expect(tf.memory().numTensors).toBe(before);
    visible.dispose();
  });
});
