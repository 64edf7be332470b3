import { expectClose } from "@infinite-former/tooling-vitest/close";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { withoutNative } from "../test/support/native.js";
import { registerUpstreamGradients } from "../test/upstream-gradients.js";
import { loadTensorflow } from "./load.js";

beforeAll(async () => {
  if (withoutNative) return;
  registerUpstreamGradients();
  await loadTensorflow();
  await tf.setBackend("tensorflow");
});
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

function run(name: string, inputs: tf.NamedTensorMap, attributes: object = {}): tf.Tensor[] {
  const result = tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap) as
    | tf.Tensor
    | tf.Tensor[];
  return Array.isArray(result) ? result : [result];
}

describe("kernel StatelessRandomUniform", () => {
  skipEach(withoutNative);
  const draw = (seed: number[], shape: number[]): Float32Array => {
    const [tensor] = run("StatelessRandomUniform", { seed: tf.tensor1d(seed, "int32") }, { shape });
    expect([tensor?.shape, tensor?.dtype]).toEqual([shape, "float32"]);
    return tensor?.dataSync() as Float32Array;
  };

  it("gives the same numbers for the same seed and others for another", () => {
    expect(draw([3, 4], [50, 2])).toEqual(draw([3, 4], [50, 2]));
    for (const other of [
      [4, 3],
      [3, 5],
      [-3, 4],
    ])
      expect(draw(other, [50, 2])).not.toEqual(draw([3, 4], [50, 2]));
  });

  it("is uniform on [0, 1)", () => {
    const values = draw([1, 2], [40_000]);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    for (let bin = 0; bin < 10; bin++) {
      const share = values.filter((value) => Math.floor(value * 10) === bin).length / values.length;
      expect(Math.abs(share - 0.1)).toBeLessThan(0.0075); // five standard deviations
    }
  });

  it("wants an int32 seed of two numbers, and leaves nothing behind when it gets another", () => {
    const bad = [tf.tensor1d([1, 2, 3], "int32"), tf.tensor1d([1, 2])];
    const before = tf.memory().numTensors;
    for (const seed of bad) {
      expect(() => run("StatelessRandomUniform", { seed }, { shape: [2] })).toThrow(
        /seed must be int32 of shape \[2\]/,
      );
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("kernel SparseSoftmaxCrossEntropyWithLogits", () => {
  skipEach(withoutNative);
  const rows = [
    [1, -2, 0.5],
    [300, 299, -300],
    [0, 0, 0],
    [-1e4, 2, 3],
  ];
  const targets = [2, 1, 0, 1];

  /** The same in float64. */
  function reference(): { losses: number[]; backprop: number[] } {
    const losses: number[] = [];
    const backprop: number[] = [];
    rows.forEach((row, r) => {
      const top = Math.max(...row);
      const sum = row.reduce((total, value) => total + Math.exp(value - top), 0);
      losses.push(top + Math.log(sum) - (row[targets[r] as number] as number));
      row.forEach((value, c) => {
        backprop.push(Math.exp(value - top) / sum - Number(c === targets[r]));
      });
    });
    return { losses, backprop };
  }
  const inputs = (): tf.NamedTensorMap => ({
    logits: tf.tensor2d(rows),
    labels: tf.tensor1d(targets, "int32"),
  });

  it("gives −log softmax at the label, and softmax − onehot, also far from zero", () => {
    const [losses, backprop] = run("SparseSoftmaxCrossEntropyWithLogits", inputs()) as [tf.Tensor, tf.Tensor];
    expectClose(losses.dataSync(), reference().losses, { rel: 1e-6, abs: 1e-6 });
    expectClose(backprop.dataSync(), reference().backprop, { rel: 1e-6, abs: 1e-6 });
  });

  it("differentiates its losses", () => {
    const { logits, labels } = inputs() as { logits: tf.Tensor; labels: tf.Tensor };
    const weights = tf.tensor1d([1, 2, -3, 4]);
    const gradient = tf.grad((x) => {
      const [losses] = run("SparseSoftmaxCrossEntropyWithLogits", { logits: x, labels }) as [tf.Tensor];
      return tf.sum(tf.mul(losses, weights));
    })(logits);
    const want = reference().backprop.map((value, i) => value * ([1, 2, -3, 4][Math.floor(i / 3)] as number));
    expectClose(gradient.dataSync(), want, { rel: 1e-6, abs: 1e-6 });
  });

  it("wants float32 logits [rows, classes] and one int32 label a row", () => {
    const { logits, labels } = inputs() as { logits: tf.Tensor; labels: tf.Tensor };
    for (const [bad, message] of [
      [{ logits: tf.reshape(logits, [12]), labels }, /logits must have shape/],
      [{ logits, labels: tf.slice(labels, 0, 2) }, /labels must be int32 of shape \[4\]/],
      [{ logits, labels: tf.cast(labels, "float32") }, /labels must be int32/],
    ] as const) {
      expect(() => run("SparseSoftmaxCrossEntropyWithLogits", bad)).toThrow(message);
    }
  });
});
