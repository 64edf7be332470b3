import { createRng, uniforms } from "@infinite-former/random";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { affineDensity } from "./affine-density.js";

// Scores from far below to far above zero, where a careless softplus overflows or loses its small values.
const scores = [-80, -30, -15, -8, -3, -1, -0.2, 0, 0.2, 1, 3, 8, 15, 30, 80];

describe("affineDensity", () => {
  it("equals sigmoid and softplus in float64, element by element, over the whole range", () => {
    tf.tidy(() => {
      const [meanScores, varianceScores] = [tf.tensor1d(scores), tf.tensor1d(scores)];
      const { mean, variance } = affineDensity({ meanScores, varianceScores, varianceFloor: 1e-6 });
      const [gotMean, gotVariance] = [mean.dataSync(), variance.dataSync()];
      scores.forEach((x, i) => {
        expectClose([gotMean[i] as number], [1 / (1 + Math.exp(-x))], {
          abs: 1e-7,
          rel: 1e-6,
          name: `mean at ${x}`,
        });
        const softplus = Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
        expectClose([gotVariance[i] as number], [Math.max(softplus, 1e-6)], {
          abs: 2e-7,
          rel: 1e-6,
          name: `variance at ${x}`,
        });
      });
    });
  });

  it("holds the variance at the floor, without gradient below it", () => {
    tf.tidy(() => {
      const varianceScores = tf.tensor1d([-5, -1, 2]);
      const fn = (v: tf.Tensor) =>
        affineDensity({ meanScores: tf.zeros([3]), varianceScores: v, varianceFloor: 0.1 }).variance;
      const got = fn(varianceScores).dataSync();
      expectClose([got[0] as number], [0.1], { abs: 0, rel: 1e-7 });
      const gradient = tf
        .grad((v: tf.Tensor) => tf.sum(fn(v)))(varianceScores)
        .dataSync();
      expectClose(gradient, [0, 1 / (1 + Math.exp(1)), 1 / (1 + Math.exp(-2))], { abs: 1e-7, rel: 1e-6 });
      expect(gradient[0]).toBe(0);
    });
  });

  it("equals finite differences", () => {
    const values = uniforms(createRng(4), 6, -2, 2);
    expectGradients(
      (meanScores, varianceScores) => {
        const { mean, variance } = affineDensity({ meanScores, varianceScores, varianceFloor: 1e-6 });
        return tf.concat([mean, variance]);
      },
      [
        { shape: [2, 3], values },
        { shape: [2, 3], values: values.map((value) => -value) },
      ],
    );
  });

  it("refuses scores of different shapes", () => {
    tf.tidy(() => {
      const input = { meanScores: tf.zeros([2]), varianceScores: tf.zeros([3]), varianceFloor: 0 };
      expect(() => affineDensity(input)).toThrow(
        "affineDensity: varianceScores must have shape [2], got [3]",
      );
    });
  });
});
