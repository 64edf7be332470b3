import { createRng, uniforms } from "@infinite-former/random";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  addBias,
  additiveSoftmax,
  batchMatMul,
  dropout,
  embed,
  floorAt,
  geluErf,
  geluTanh,
  layerNorm,
  linear,
  maskedSoftmax,
  registerGradients,
  stopGradient,
  sumRows,
  sumToShape,
} from "./index.js";

registerGradients();

const rng = createRng(71);
const input = (shape: number[], low = -1, high = 1) => ({
  shape,
  values: uniforms(
    rng,
    shape.reduce((a, b) => a * b, 1),
    low,
    high,
  ),
});
const maskValues = [1, 0, 1, 1, 1, 1, 0, 1];

describe("gradients equal finite differences", () => {
  it("linear, with leading axes and with a bias", () => {
    expectGradients(
      (x, kernel, bias) => linear({ kernel, bias }, x),
      [input([2, 3, 4]), input([4, 5]), input([5])],
    );
    expectGradients((x, kernel) => linear({ kernel }, x), [input([3, 4]), input([4, 2])]);
    expectGradients(
      (x, kernel, bias) => linear({ kernel, bias }, x),
      [input([4]), input([4, 3]), input([3])],
    );
  });

  it("addBias and sumRows", () => {
    expectGradients((x, bias) => addBias(x, bias), [input([3, 4]), input([4])]);
    expectGradients((x) => sumRows(x), [input([3, 4])]);
  });

  it("layerNorm, broadcasting gain and bias over leading axes", () => {
    expectGradients(
      (x, gain, bias) => layerNorm({ gain, bias }, x),
      [input([2, 3, 6]), input([6]), input([6])],
    );
  });

  it("dropout with a fixed seed", () => {
    const seed = tf.tensor1d([5, 9], "int32");
    expectGradients((x) => dropout(x, 0.4, seed), [input([4, 6])]);
    seed.dispose();
  });

  it("maskedSoftmax, with a mask that broadcasts over batch", () => {
    expectGradients((x) => maskedSoftmax(x, tf.tensor2d(maskValues, [2, 4])), [input([3, 2, 4])]);
    expectGradients((x) => additiveSoftmax(x), [input([2, 4])]);
  });

  it("embed, with an index met several times", () => {
    expectGradients(
      (table) =>
        embed(
          table,
          tf.tensor2d(
            [
              [1, 3, 1],
              [0, 1, 4],
            ],
            [2, 3],
            "int32",
          ),
        ),
      [input([6, 3])],
    );
  });

  it("batchMatMul for every transposition, with equal and with broadcast batch axes", () => {
    for (const [transposeA, transposeB] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      const a = transposeA ? [4, 3] : [3, 4];
      const b = transposeB ? [2, 4] : [4, 2];
      for (const [leadA, leadB] of [
        [[2], [2]],
        [[], [2]],
        [[1], [3]],
        [
          [2, 1],
          [1, 3],
        ],
        [[2, 3], [3]],
      ] as const) {
        expectGradients(
          (x, y) => batchMatMul(x, y, transposeA, transposeB),
          [input([...leadA, ...a]), input([...leadB, ...b])],
        );
      }
    }
  });

  it("sumToShape", () => {
    expectGradients((x) => sumToShape(x, [1, 4]), [input([2, 3, 4])]);
  });

  it("geluErf and geluTanh", () => {
    expectGradients((x) => geluErf(x), [input([3, 5], -3, 3)]);
    expectGradients((x) => geluTanh(x), [input([3, 5], -3, 3)]);
  });

  it("floorAt: one above the floor, zero below", () => {
    const x = tf.tensor1d([-1, -0.3, 0.2, 0.25, 3]);
    const gradient = tf.grad((y) => tf.sum(floorAt(y, 0.2)))(x);
    expectClose(gradient.dataSync(), [0, 0, 1, 1, 1], { abs: 0, rel: 0 });
  });
});

describe("stopGradient", () => {
  it("keeps the value and takes no part in the gradient", () => {
    const x = tf.tensor1d([1, 2, 3]);
    const { value, grad } = tf.valueAndGrad((y: tf.Tensor) => tf.sum(tf.mul(y, stopGradient(tf.square(y)))))(
      x,
    );
    expectClose(value.dataSync(), [36]);
    expectClose(grad.dataSync(), [1, 4, 9]);
  });

  it("leaves a function of it alone without a gradient", () => {
    const x = tf.tensor1d([1, 2, 3]);
    expect(() => tf.grad((y: tf.Tensor) => tf.sum(stopGradient(y)))(x)).toThrow(/gradient/);
  });
});
