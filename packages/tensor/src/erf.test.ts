import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { erf } from "./index.js";

/** x and erf(x): computed with 40 digits (mpmath), rounded to float64. */
const table = [
  [1e-10, 1.1283791670955126e-10],
  [0.0009765625, 0.0011019324300718147],
  [0.25, 0.27632639016823696],
  [0.75, 0.7111556336535151],
  [1, 0.8427007929497149],
  [1.5, 0.9661051464753108],
  [2.03125, 0.995929182294753],
  [2.5, 0.999593047982555],
  [3.25, 0.9999956972205363],
  [3.875, 0.999999957486056],
  [4.75, 0.9999999999815149],
  [9, 1],
] as const;

describe("erf", () => {
  it("has a relative error below 5e-7 on every backend, also near 0", () => {
    const got = tf.tidy(() => erf(tf.tensor1d(table.flatMap(([x]) => [x, -x]))).dataSync());
    table.forEach(([, want], i) => {
      expect(Math.abs((got[2 * i] as number) / want - 1)).toBeLessThan(5e-7);
      expect(got[2 * i + 1]).toBe(-(got[2 * i] as number));
    });
  });

  it("has the limits 0, 1 and −1", () => {
    const infinity = Number.POSITIVE_INFINITY;
    expect(Array.from(tf.tidy(() => erf(tf.tensor1d([0, infinity, -infinity])).dataSync()))).toEqual([
      0, 1, -1,
    ]);
  });

  it("equals finite differences, with its argument broadcast", () => {
    const values = [-1.7, -0.4, 0, 0.2, 0.9, 2.1];
    expectGradients((x) => erf(tf.add(x, tf.zeros([3, 6]))), [{ shape: [6], values }]);
  });

  it("leaves no tensors behind", () => {
    const x = tf.tensor1d([0.3, 2]);
    const before = tf.memory().numTensors;
    erf(x).dispose();
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
  });
});
