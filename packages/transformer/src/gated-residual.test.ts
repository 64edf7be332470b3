import { createRng, uniforms } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { gatedResidual, initGatedResidual } from "./gated-residual.js";

const rng = createRng(81);
const draw = (count: number) => uniforms(rng, count, -1, 1);
const [rows, size] = [4, 3];

describe("gatedResidual", () => {
  it("equals a gated recurrent unit written out", () => {
    const [x, y] = [draw(rows * size), draw(rows * size)];
    const [w, u] = [draw(size * 3 * size), draw(size * 3 * size)];
    const [b, c] = [draw(3 * size), draw(3 * size)];
    const product = (
      v: Float32Array,
      row: number,
      kernel: Float32Array,
      bias: Float32Array,
      column: number,
    ) =>
      Array.from(
        { length: size },
        (_, i) => (v[row * size + i] as number) * (kernel[i * 3 * size + column] as number),
      ).reduce((sum, term) => sum + term, bias[column] as number);
    const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
    const want = Array.from({ length: rows * size }, (_, at) => {
      const [row, j] = [Math.floor(at / size), at % size];
      const input = (gate: number) => product(y, row, w, b, gate * size + j);
      const hidden = (gate: number) => product(x, row, u, c, gate * size + j);
      const reset = sigmoid(input(0) + hidden(0));
      const update = sigmoid(input(1) + hidden(1));
      const candidate = Math.tanh(input(2) + reset * hidden(2));
      return (1 - update) * candidate + update * (x[at] as number);
    });
    tf.tidy(() => {
      const params = {
        input: { kernel: tf.tensor2d(w, [size, 3 * size]), bias: tf.tensor1d(b) },
        hidden: { kernel: tf.tensor2d(u, [size, 3 * size]), bias: tf.tensor1d(c) },
      };
      const got = gatedResidual(params, tf.tensor3d(x, [2, 2, size]), tf.tensor3d(y, [2, 2, size]));
      expect(got.shape).toEqual([2, 2, size]);
      expectClose(got.dataSync(), want, { abs: 1e-6, rel: 1e-6 });
    });
  });

  it("equals finite differences in everything", () => {
    expectGradients(
      (w, b, u, c, x, y) =>
        gatedResidual({ input: { kernel: w, bias: b }, hidden: { kernel: u, bias: c } }, x, y),
      [
        { shape: [2, 6], values: draw(12) },
        { shape: [6], values: draw(6) },
        { shape: [2, 6], values: draw(12) },
        { shape: [6], values: draw(6) },
        { shape: [1, 3, 2], values: draw(6) },
        { shape: [1, 3, 2], values: draw(6) },
      ],
    );
  });

  it("leaves no tensors behind", () => {
    const params = initGatedResidual(2, rng);
    const x = tf.ones([1, 2, 2]);
    const before = tf.memory().numTensors;
    gatedResidual(params, x, x).dispose();
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([params, x]);
  });
});
