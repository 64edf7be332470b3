import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { float32, random, tidily } from "../test/random.js";
import { additiveSoftmax, maskedSoftmax, maskToBias, ShapeError } from "./index.js";

describe("maskedSoftmax", () => {
  const weightsOf = (scores: number[], visible: number[]) => {
    const terms = scores.map((s, i) => (visible[i] ? Math.exp(s) : 0));
    const total = terms.reduce((a, b) => a + b, 0);
    return terms.map((term) => term / total);
  };

  it(
    "equals the softmax over the visible entries, zero elsewhere",
    tidily(() => {
      const scores = random([2, 3, 4], -5, 5);
      const visible = [1, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1, 0];
      const rows = Array.from({ length: 6 }, (_, r) =>
        weightsOf(
          Array.from(scores.dataSync().slice(r * 4, r * 4 + 4)),
          visible.slice((r % 3) * 4, (r % 3) * 4 + 4),
        ),
      );
      const mask = tf.tensor2d(visible, [3, 4]);
      const got = maskedSoftmax(scores, mask).dataSync();
      expectClose(got, rows.flat(), float32);
      expect(got.filter((_, i) => visible[i % 12] === 0).every((p) => p === 0)).toBe(true);
      expectClose(
        additiveSoftmax(scores, maskToBias(tf.cast(mask, "bool"))).dataSync(),
        rows.flat(),
        float32,
      );
      expectClose(maskedSoftmax(scores).dataSync(), tf.softmax(scores).dataSync(), float32);
    }),
  );

  it(
    "stays finite for large scores, and refuses a mask that does not fit",
    tidily(() => {
      const got = maskedSoftmax(tf.tensor2d([1e4, -1e4, 9999], [1, 3]), tf.tensor1d([1, 1, 0]));
      expectClose(got.dataSync(), [1, 0, 0], { abs: 0, rel: 0 });
      expect(() => maskedSoftmax(random([2, 3]), random([2, 2]))).toThrow(
        "must broadcast to [2, 3], got [2, 2]",
      );
      expect(() => maskedSoftmax(random([3]), random([2, 3]))).toThrow(ShapeError);
    }),
  );
});
