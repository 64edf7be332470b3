import { createRng, normals } from "@infinite-former/random";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { softmaxCrossEntropy } from "./softmax-cross-entropy.js";

const [rows, classes] = [6, 5];
const rng = createRng(17);
const values = normals(rng, rows * classes, 0, 3);
const labels = Array.from({ length: rows }, () => rng.integer(0, classes));

const losses = (logits: ArrayLike<number>): number[] =>
  labels.map((label, i) => {
    const row = Array.from({ length: classes }, (_, c) => logits[i * classes + c] as number);
    const largest = Math.max(...row);
    return (
      largest + Math.log(row.reduce((sum, x) => sum + Math.exp(x - largest), 0)) - (row[label] as number)
    );
  });

describe("softmaxCrossEntropy", () => {
  it.each([1, 1e4])("equals the definition in float64, logits times %d", (scale) => {
    const logits = values.map((x) => x * scale);
    tf.tidy(() => {
      const got = softmaxCrossEntropy(tf.tensor2d(logits, [rows, classes]), tf.tensor1d(labels, "int32"));
      expectClose(got.dataSync(), losses(logits), { abs: 1e-6, rel: 1e-6 });
    });
  });

  it("has the gradient that finite differences give", () => {
    const ids = tf.tensor1d(labels, "int32");
    expectGradients((x) => softmaxCrossEntropy(x, ids), [{ shape: [rows, classes], values }]);
    ids.dispose();
  });

  it("is 0 without gradient where there is one class", () => {
    tf.tidy(() => {
      const ids = tf.zeros<tf.Rank.R1>([3], "int32");
      const x = tf.tensor2d([1, -2, 300], [3, 1]);
      expect([...softmaxCrossEntropy(x, ids).dataSync()].map(Math.abs)).toEqual([0, 0, 0]);
      const gradient = tf.grad((l: tf.Tensor) => tf.sum(softmaxCrossEntropy(l as tf.Tensor2D, ids)))(x);
      expect([...gradient.dataSync()].map(Math.abs)).toEqual([0, 0, 0]);
    });
  });

  it("names the argument of a wrong shape", () => {
    expect(() => softmaxCrossEntropy(tf.zeros([2, 3]), tf.zeros([3], "int32"))).toThrow(
      expect.objectContaining({
        code: "ERR_SHAPE",
        message: "softmaxCrossEntropy: labels must have shape [rows = 2], got [3]",
      }),
    );
  });

  it("leaves only its result behind", () => {
    const [x, ids] = [tf.tensor2d(values, [rows, classes]), tf.tensor1d(labels, "int32")];
    const before = tf.memory().numTensors;
    softmaxCrossEntropy(x, ids).dispose();
    tf.grad((l: tf.Tensor) => tf.sum(softmaxCrossEntropy(l as tf.Tensor2D, ids)))(x).dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, ids]);
  });
});
