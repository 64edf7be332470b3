import { createRng, uniforms } from "@infinite-former/random";
import { integrate, klToPrior as klOf, normalDensity } from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { klToPrior } from "./kl.js";

const rng = createRng(15);
const means = uniforms(rng, 8, 0.05, 0.95);
const variances = uniforms(rng, 8, 0.001, 0.7);
// float32 at values up to a few hundred.
const float32 = { abs: 1e-5, rel: 2e-6 };

function evaluate(priorMean: number | null) {
  return tf.tidy(() => {
    const [mean, variance] = [tf.tensor(means, [2, 4]), tf.tensor(variances, [2, 4])];
    return klToPrior({ mean, variance, priorWidth: 0.05, priorMean }).dataSync();
  });
}

describe("klToPrior", () => {
  it("equals the closed form in float64, with and without a prior mean", () => {
    for (const priorMean of [null, 0, 0.5, -1]) {
      const want = Array.from(means, (mean, i) => {
        return klOf({ mean, variance: variances[i] as number, priorWidth: 0.05, priorMean }).value;
      });
      expectClose(evaluate(priorMean), want, float32);
    }
  });

  it("equals numerical integration of p log(p/q)", () => {
    const [mean, variance, prior] = [0.4, 0.02, 0.3 ** 2];
    const want = integrate(
      (t) => {
        const p = normalDensity(t, mean, variance);
        return p > 0 ? p * Math.log(p / normalDensity(t, 0.5, prior)) : 0;
      },
      -1,
      2,
      2000,
    );
    const got = tf.tidy(() =>
      klToPrior({
        mean: tf.scalar(mean),
        variance: tf.scalar(variance),
        priorWidth: 0.3,
        priorMean: 0.5,
      }).dataSync(),
    );
    expectClose(got, [want], { abs: 1e-6, rel: 1e-5 });
  });

  it("is zero at the prior and only there", () => {
    const at = (mean: number, variance: number) =>
      tf.tidy(() => {
        const input = {
          mean: tf.scalar(mean),
          variance: tf.scalar(variance),
          priorWidth: 0.5,
          priorMean: 0.3,
        };
        return klToPrior(input).dataSync()[0] as number;
      });
    expect(Math.abs(at(0.3, 0.25))).toBeLessThan(1e-7);
    for (const [mean, variance] of [
      [0.3, 0.2],
      [0.3, 0.3],
      [0.2, 0.25],
    ] as const)
      expect(at(mean, variance)).toBeGreaterThan(1e-4);
  });

  it("is finite for a variance that underflowed, its gradient too", () => {
    tf.tidy(() => {
      const variance = tf.tensor1d([0, 1e-38, 1e-30, 1e6]);
      const fn = (v: tf.Tensor) => klToPrior({ mean: tf.zeros([4]), variance: v, priorWidth: 0.05 });
      const held = 0.5 * (30 * Math.LN10 - 1);
      const want = [1e-30, 1e6].map((v) => klOf({ mean: 0, variance: v, priorWidth: 0.05 }).value);
      expectClose(fn(variance).dataSync(), [held, held, ...want], { abs: 1e-4, rel: 1e-6 });
      const gradient = tf
        .grad((v: tf.Tensor) => tf.sum(fn(v)))(variance)
        .dataSync();
      expectClose(gradient.slice(0, 2), [200, 200], { abs: 1e-3 }); // of σ²/(2σ₀²) alone
      expectClose(gradient.slice(2, 3), [-5e29], { abs: 1e23 });
      expectClose(gradient.slice(3), [200], { abs: 1e-3 });
    });
  });

  it("equals finite differences, the mean broadcast; the mean has no gradient without a prior mean", () => {
    expectGradients(
      (mean, variance) =>
        klToPrior({ mean: tf.add(mean, tf.zeros([2, 4])), variance, priorWidth: 0.4, priorMean: 0.2 }),
      [
        { shape: [4], values: means.slice(0, 4) },
        { shape: [2, 4], values: variances.map((value) => value + 0.3) },
      ],
    );
    expectGradients(
      (variance) => klToPrior({ mean: tf.zeros([4]), variance, priorWidth: 0.4 }),
      [{ shape: [4], values: [0.3, 0.5, 0.9, 1.5] }],
    );
  });
});
