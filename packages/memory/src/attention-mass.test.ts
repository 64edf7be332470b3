import { createRng, uniforms } from "@infinite-former/random";
import { binMass } from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { attentionMass } from "./index.js";

const rng = createRng(71);
const [batch, heads, queries, bins] = [2, 3, 5, 16];
const count = heads * queries;
const shape: [number, number, number] = [batch, heads, queries];
// Sums of 15 densities: a few roundings of values up to 1 each.
const float32 = { abs: 4e-6, rel: 1e-6 };

/** Means in (0, 1) and variances from 1e-8 to 10. */
function densities(): { means: Float32Array; variances: Float32Array } {
  return {
    means: uniforms(rng, batch * count),
    variances: uniforms(rng, batch * count, -8, 1).map((power) => 10 ** power),
  };
}

for (const density of ["gaussian", "truncated-parabola"] as const) {
  describe(`attentionMass of ${density} densities`, () => {
    it("equals the mass of every bin in float64, row by row", () => {
      tf.tidy(() => {
        const { means, variances } = densities();
        const got = attentionMass(bins, {
          mean: tf.tensor3d(means, shape),
          variance: tf.tensor3d(variances, shape),
          density,
        });
        expect(got.shape).toEqual([batch, bins]);
        for (let b = 0; b < batch; b++) {
          const row = (x: Float32Array) => x.subarray(b * count, (b + 1) * count);
          const want = binMass({ bins, means: row(means), variances: row(variances), density });
          expectClose(tf.slice(got, b, 1).dataSync(), want, float32);
        }
      });
    });

    it("keeps its digits for densities far wider than a bin", () => {
      tf.tidy(() => {
        for (const variance of [0.69, 40, 1e6]) {
          const means = Float32Array.of(0, 0.2, 0.77, 1);
          const got = attentionMass(128, {
            mean: tf.tensor3d(means, [1, 1, 4]),
            variance: tf.fill([1, 1, 4], variance),
            density,
          }).dataSync();
          const want = binMass({ bins: 128, means, variances: means.map(() => variance), density });
          expectClose(got, want, { abs: 0, rel: 2e-4 });
        }
      });
    });

    it("is finite for points and for densities without end, on edges and between", () => {
      tf.tidy(() => {
        const means = [0, 0.25, 0.3, 1];
        const of = (variance: number) =>
          attentionMass(4, { mean: tf.tensor3d([[means]]), variance: tf.fill([1, 1, 4], variance), density });
        const points = of(0).dataSync();
        expectClose(points, [1.5, 1.5, 0, 1], { abs: 1e-6, rel: 0 });
        expectClose(of(1e30).dataSync(), [0, 0, 0, 0], { abs: 1e-8, rel: 0 });
      });
    });

    it("weighs queries, so that padding counts nothing", () => {
      tf.tidy(() => {
        const { means, variances } = densities();
        const [mean, variance] = [tf.tensor3d(means, shape), tf.tensor3d(variances, shape)];
        const weights = tf.tensor2d([1, 1, 1, 0, 0, 1, 0.5, 1, 1, 1], [batch, queries]);
        const got = attentionMass(bins, { mean, variance, weights, density });
        const part = (b: number, start: number, size: number) =>
          attentionMass(bins, {
            mean: tf.slice(mean, [b, 0, start], [1, heads, size]),
            variance: tf.slice(variance, [b, 0, start], [1, heads, size]),
            density,
          });
        expectClose(tf.slice(got, 0, 1).dataSync(), part(0, 0, 3).dataSync(), float32);
        const halved = tf.sub(part(1, 0, 5), tf.mul(part(1, 1, 1), 0.5));
        expectClose(tf.slice(got, 1, 1).dataSync(), halved.dataSync(), float32);
      });
    });
  });
}

describe("attentionMass", () => {
  it("is a constant to gradients", () => {
    tf.tidy(() => {
      const variance = tf.fill<tf.Rank.R3>([1, 1, 2], 0.01);
      const mass = (mean: tf.Tensor) => tf.sum(attentionMass(4, { mean: mean as tf.Tensor3D, variance }));
      expect(() => tf.grad(mass)(tf.tensor3d([[[0.2, 0.4]]]))).toThrow(/gradient/);
    });
  });

  it("leaves no tensors behind, also where it refuses", () => {
    const [mean, other] = [tf.ones<tf.Rank.R3>([1, 2, 3]), tf.ones<tf.Rank.R3>([1, 2, 4])];
    const weights = tf.ones<tf.Rank.R2>([1, 2]);
    const before = tf.memory().numTensors;
    attentionMass(8, { mean, variance: mean }).dispose();
    expect(() => attentionMass(8, { mean, variance: other })).toThrow(
      "attentionMass: variance must have shape [1, 2, 3], got [1, 2, 4]",
    );
    expect(() => attentionMass(8, { mean, variance: mean, weights })).toThrow(/weights must have shape/);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([mean, other, weights]);
  });
});
