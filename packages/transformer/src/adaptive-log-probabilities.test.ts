import { createRng, normals } from "@infinite-former/random";
import { disposeTree, leaves, unflatten } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { forms, logProbabilities, modelSize, randomWords, vocabularySize } from "../test/adaptive.js";
import { adaptiveLogProbabilities } from "./adaptive-log-probabilities.js";
import { fewRows, manyRows } from "./row-product.js";

const rows = 5;
const values = normals(createRng(3), rows * modelSize);

describe.each(forms)("adaptiveLogProbabilities with clusters of $name", (form) => {
  it.each([manyRows, fewRows])("equals the definition in float64, and sums to 1", (product) => {
    const params = randomWords(form);
    const features = tf.tensor2d(values, [rows, modelSize]);
    const before = tf.memory().numTensors;
    const got = adaptiveLogProbabilities(params, features, product);
    expect(tf.memory().numTensors).toBe(before + 1);
    const want = (features.arraySync() as number[][]).map((row) => logProbabilities(params, row));
    expect(got.shape).toEqual([rows, vocabularySize]);
    expectClose(got.dataSync(), want.flat(), { abs: 1e-6, rel: 1e-6 });
    const sums = tf.tidy(() => tf.sum(tf.exp(got), 1).dataSync());
    expectClose(sums, Array<number>(rows).fill(1), { abs: 1e-6, rel: 0 });
    disposeTree([params, features, got]);
  });

  it("has the gradients of finite differences, in features and parameters", () => {
    const params = randomWords(form);
    const { embedding, output } = params;
    const inputs = leaves(params).map(({ tensor }) => ({
      shape: tensor.shape,
      values: Float32Array.from(tensor.dataSync()),
    }));
    expectGradients(
      (features: tf.Tensor2D, ...now: tf.Tensor[]) => {
        const all = unflatten({ embedding, output }, now);
        // Projections of the head's words into the model take no part: so every parameter has a gradient.
        const rest = tf.mul(tf.addN(now.map((x) => tf.sum(x))), 0.1);
        return tf.add(adaptiveLogProbabilities(all, features), rest);
      },
      [{ shape: [2, modelSize], values: values.subarray(0, 2 * modelSize) }, ...inputs],
    );
    disposeTree(params);
  });
});

describe("adaptiveLogProbabilities", () => {
  it("stays finite where scores are huge", () => {
    const params = randomWords(forms[0]);
    tf.tidy(() => {
      const features = tf.mul<tf.Tensor2D>(tf.tensor2d(values, [rows, modelSize]), 1e4);
      const got = adaptiveLogProbabilities(params, features);
      const want = (features.arraySync() as number[][]).map((row) => logProbabilities(params, row));
      expectClose(got.dataSync(), want.flat(), { abs: 0, rel: 1e-6 });
    });
    disposeTree(params);
  });

  it("refuses a model without clusters", () => {
    tf.tidy(() => {
      const embedding = tf.zeros<tf.Rank.R2>([3, 2]);
      expect(() => adaptiveLogProbabilities({ embedding }, tf.zeros([1, 2]))).toThrow(
        expect.objectContaining({
          code: "ERR_CONFIG",
          path: "adaptive",
          message: "adaptiveLogProbabilities: adaptive must be configured in the model, got null",
        }),
      );
    });
  });
});
