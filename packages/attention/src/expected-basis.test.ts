import { createRng, uniforms } from "@infinite-former/random";
import {
  expectedGaussianBasis,
  expectedParabolaBasis,
  gaussianBasis,
  integrate,
  normalDensity,
  parabolaDensity,
} from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectedBasis } from "./expected-basis.js";

const basis = gaussianBasis({ count: 12, widths: [0.05, 0.2] });
// float32 against float64: a few units in the last place of the largest element.
const float32 = { abs: 2e-6, rel: 5e-6 };
// The same as a share of the largest element alone: at a scale of 1e6 values are 1e-3, their gradients 1e-9.
const share = { abs: 1e-30, rel: 5e-6 };
const slopeShare = { abs: 1e-30, rel: 2e-5 };

const families = [
  { family: "gaussian", density: normalDensity, exact: expectedGaussianBasis },
  { family: "truncated-parabola", density: parabolaDensity, exact: expectedParabolaBasis },
] as const;

describe.each(families)("expectedBasis of a $family", ({ family, density, exact }) => {
  it("equals numerical integration of p·ψ", () => {
    const rng = createRng(3);
    const means = uniforms(rng, 6, -0.1, 1.1);
    const variances = uniforms(rng, 6, 0.001, 0.5);
    const want = Array.from(means).flatMap((mean, i) => {
      const p = (t: number) => density(t, mean, variances[i] as number);
      return Array.from(basis.centers, (center, j) => {
        const width = basis.widths[j] as number;
        return integrate((t) => p(t) * normalDensity(t, center, width * width), -6, 7, 2000);
      });
    });
    const got = tf.tidy(() =>
      expectedBasis(tf.tensor(means, [2, 3]), tf.tensor(variances, [2, 3]), basis, family),
    );
    expect(got.shape).toEqual([2, 3, 12]);
    expectClose(got.dataSync(), want, float32);
    got.dispose();
  });

  it("equals the float64 form, gradients too, for scales from 1e-12 to 1e6", () => {
    fc.assert(
      fc.property(
        fc.float({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: -120, max: 60 }),
        (mean, power) => {
          const variance = Math.fround(10 ** (power / 10));
          const want = exact(mean, variance, basis);
          tf.tidy(() => {
            const [m, v] = [tf.fill([12], mean), tf.fill([12], variance)];
            const [byMean, byVariance] = tf.grads((a, b) =>
              expectedBasis(a as tf.Tensor, b as tf.Tensor, basis, family),
            )([m, v], tf.eye(12)) as [tf.Tensor, tf.Tensor];
            expectClose(expectedBasis(m, v, basis, family).dataSync().slice(0, 12), want.value, share);
            expectClose(byMean.dataSync(), want.byMean, { ...slopeShare, name: "by mean" });
            expectClose(byVariance.dataSync(), want.byVariance, { ...slopeShare, name: "by variance" });
          });
        },
      ),
      { seed: 12, numRuns: 80 },
    );
  });

  it("is finite for scales of 0 and of 1e30, gradients too", () => {
    tf.tidy(() => {
      const [mean, variance] = [
        tf.tensor1d([0, 0.5, 1, 0, 0.5, 1]),
        tf.tensor1d([0, 0, 0, 1e30, 1e30, 1e30]),
      ];
      const value = expectedBasis(mean, variance, basis, family);
      const want = [0, 0.5, 1].flatMap((m) =>
        Array.from(basis.centers, (c, j) => normalDensity(m, c, (basis.widths[j] as number) ** 2)),
      );
      expectClose(value.dataSync(), [...want, ...Array(36).fill(0)], float32);
      const gradients = tf.grads((m, v) =>
        tf.sum(expectedBasis(m as tf.Tensor, v as tf.Tensor, basis, family)),
      )([mean, variance]) as tf.Tensor[];
      for (const gradient of gradients) {
        expect([...gradient.dataSync()].every(Number.isFinite)).toBe(true);
      }
    });
  });

  it("equals finite differences under a mean that broadcasts", () => {
    expectGradients(
      (mean, variance) => expectedBasis(tf.add(mean, tf.zeros([3, 4])), variance, basis, family),
      [
        { shape: [4], values: [0.1, 0.4, 0.6, 0.95] },
        { shape: [3, 4], values: uniforms(createRng(8), 12, 0.2, 0.6) },
      ],
      { step: 0.01 },
    );
  });

  it("refuses a variance of another shape and leaves no tensors behind", () => {
    tf.tidy(() => {
      const [mean, variance] = [tf.zeros([2, 3]), tf.ones([3])];
      const before = tf.memory().numTensors;
      expect(() => expectedBasis(mean, variance, basis, family)).toThrow(
        "expectedBasis: variance must have shape [2, 3], got [3]",
      );
      expect(tf.memory().numTensors).toBe(before);
      const value = expectedBasis(mean, tf.onesLike(mean), basis, family);
      expect(tf.memory().numTensors).toBe(before + 2);
      value.dispose();
      tf.grad((m: tf.Tensor) => expectedBasis(m, tf.ones([2, 3]), basis, family))(mean).dispose();
      expect(tf.memory().numTensors).toBe(before + 1);
    });
  });
});
