import { createRng, uniforms } from "@infinite-former/random";
import { gaussianBasis } from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { momentDensity } from "./moment-density.js";

const basis = gaussianBasis({ count: 12, widths: [0.005, 0.05] });

/** The authors' formulas, in float64. */
function moments(scores: ArrayLike<number>): { mean: number; variance: number } {
  const largest = Math.max(...Array.from(scores));
  const powers = Array.from(scores, (score) => Math.exp(score - largest));
  const total = powers.reduce((sum, x) => sum + x, 0);
  let [mean, second] = [0, 0];
  powers.forEach((power, j) => {
    const center = basis.centers[j] as number;
    mean += (power / total) * center;
    second += (power / total) * (center * center + (basis.widths[j] as number) ** 2);
  });
  return { mean, variance: second - mean * mean };
}

describe("momentDensity", () => {
  it.each([
    ["even", 0.3],
    ["uneven", 6],
    ["of one function alone", 300],
    ["huge", 1e4],
  ])("has mean and variance of the mixture of basis functions, scores %s", (_, size) => {
    const scores = uniforms(createRng(71), 36, -size, size);
    const want = [0, 1, 2].map((row) => moments(scores.subarray(row * 12, row * 12 + 12)));
    tf.tidy(() => {
      const { mean, variance } = momentDensity(tf.tensor(scores, [3, 1, 12]), basis);
      expect(mean.shape).toEqual([3, 1]);
      want.forEach((row, i) => {
        expectClose([mean.dataSync()[i] as number], [row.mean], { abs: 1e-7, rel: 1e-6 });
        // Each variance to its own digits: the smallest is .005², where μ² ± 1e-7 would be seen.
        expectClose([variance.dataSync()[i] as number], [row.variance], { abs: 0, rel: 2e-6 });
      });
    });
  });

  it("equals finite differences", () => {
    expectGradients(
      (scores) => {
        const { mean, variance } = momentDensity(scores, basis);
        return tf.concat([mean, variance]);
      },
      [{ shape: [2, 12], values: uniforms(createRng(72), 24, -2, 2) }],
    );
  });

  it("refuses scores of another basis and leaves no tensors behind", () => {
    const scores = tf.zeros([2, 12]);
    const before = tf.memory().numTensors;
    const { mean, variance } = momentDensity(scores, basis);
    expect(tf.memory().numTensors).toBe(before + 2);
    const other = gaussianBasis({ count: 4, widths: [0.1] });
    expect(() => momentDensity(scores, other)).toThrow(
      "momentDensity: scores must have shape […, basis = 4], got [2, 12]",
    );
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose([scores, mean, variance]);
  });
});
