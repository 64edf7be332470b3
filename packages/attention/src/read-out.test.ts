import { createRng, uniforms } from "@infinite-former/random";
import { gaussianBasis } from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { basisGrid } from "./basis-grid.js";
import { expectedBasis } from "./expected-basis.js";
import { gaussianReadOut } from "./gaussian-read-out.js";
import { parabolaReadOut } from "./parabola-read-out.js";

const rng = createRng(83);
const [batch, queries, size] = [2, 3, 2];

const families = [
  { family: "gaussian", readOut: gaussianReadOut },
  { family: "truncated-parabola", readOut: parabolaReadOut },
] as const;

describe.each(families)("the read-out of a $family", ({ family, readOut }) => {
  for (const widths of [[0.2], [0.05, 0.2], [0.01, 0.1, 0.3]]) {
    const basis = gaussianBasis({ count: 4 * widths.length, widths });
    const grid = basisGrid(basis, widths.length);

    it(`equals expected basis times values, gradients too, with ${widths.length} widths`, () => {
      tf.tidy(() => {
        const mean = tf.tensor3d(uniforms(rng, 6, 0, 1), [batch, queries, 1]);
        // From narrower than every basis function to wider than the signal.
        const variance = tf.tensor3d([1e-6, 1e-4, 0.003, 0.02, 0.1, 0.7], [batch, queries, 1]);
        const values = tf.tensor3d(uniforms(rng, batch * basis.count * size, -1, 1), [
          batch,
          basis.count,
          size,
        ]);
        const cotangent = tf.tensor3d(uniforms(rng, 12, -1, 1), [batch, queries, size]);
        const split = (v: tf.Tensor) =>
          tf.unstack(tf.reshape(v, [batch, 4, widths.length, size]), 2) as tf.Tensor3D[];
        const fast = (m: tf.Tensor, s: tf.Tensor, v: tf.Tensor) =>
          readOut(m as tf.Tensor3D, s as tf.Tensor3D, split(v), grid);
        const plain = (m: tf.Tensor, s: tf.Tensor, v: tf.Tensor) =>
          tf.matMul(expectedBasis(tf.squeeze(m, [2]), tf.squeeze(s, [2]), basis, family), v);
        expectClose(fast(mean, variance, values).dataSync(), plain(mean, variance, values).dataSync(), {
          abs: 1e-6,
          rel: 1e-5,
        });
        const got = tf.grads(fast)([mean, variance, values], cotangent) as tf.Tensor[];
        const want = tf.grads(plain)([mean, variance, values], cotangent) as tf.Tensor[];
        ["mean", "variance", "values"].forEach((name, i) => {
          const limit = { abs: 1e-5, rel: 2e-5, name };
          expectClose((got[i] as tf.Tensor).dataSync(), (want[i] as tf.Tensor).dataSync(), limit);
        });
      });
    });
  }

  it("equals finite differences", () => {
    const grid = { centers: [0, 0.5, 1], widths: [0.2, 0.4] };
    expectGradients(
      (mean, variance, a, b) => readOut(mean, variance, [a, b], grid),
      [
        { shape: [1, 2, 1], values: [0.3, 0.8] },
        { shape: [1, 2, 1], values: [0.2, 0.4] },
        { shape: [1, 3, 2], values: uniforms(rng, 6, -1, 1) },
        { shape: [1, 3, 2], values: uniforms(rng, 6, -1, 1) },
      ],
    );
  });

  it("leaves no tensors behind", () => {
    const grid = { centers: [0, 1], widths: [0.2] };
    const [mean, variance, values] = [tf.fill([1, 2, 1], 0.4), tf.fill([1, 2, 1], 0.1), tf.ones([1, 2, 3])];
    const before = tf.memory().numTensors;
    const read = (m: tf.Tensor) =>
      readOut(m as tf.Tensor3D, variance as tf.Tensor3D, [values as tf.Tensor3D], grid);
    read(mean).dispose();
    tf.grad((m: tf.Tensor) => tf.sum(read(m)))(mean).dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([mean, variance, values]);
  });
});
