import { createRng, uniforms } from "@infinite-former/random";
import { hasKernel } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { twin } from "../test/twin.js";
import { attentionMass } from "./attention-mass.js";

const rng = createRng(83);
const mass = "InfiniteFormerAttentionMass";
const densities = ["gaussian", "truncated-parabola"] as const;

describe("attentionMass as one kernel", () => {
  // Fewer bins than a vector has lanes, more, and a row of several blocks.
  const cases = [
    { batch: 1, heads: 1, queries: 1, bins: 1 },
    { batch: 3, heads: 2, queries: 7, bins: 5 },
    { batch: 2, heads: 3, queries: 501, bins: 131 },
  ];
  it.for(cases)("has the numbers of the plain form: $queries queries, $bins bins", (one, { skip }) => {
    if (!hasKernel(mass)) skip("this backend has no kernel for attention mass");
    const { batch, heads, queries, bins } = one;
    const count = heads * queries;
    tf.tidy(() => {
      for (const density of densities) {
        const means = uniforms(rng, batch * count, -0.3, 1.3);
        const variances = uniforms(rng, batch * count, -12, 3).map((power) => 10 ** power);
        const shape: [number, number, number] = [batch, heads, queries];
        const given = { mean: tf.tensor3d(means, shape), variance: tf.tensor3d(variances, shape), density };
        const own = uniforms(rng, batch * queries).map((w) => (w < 0.2 ? 0 : w));
        const weights = tf.tensor2d(own, [batch, queries]);
        const got = attentionMass(bins, given);
        // The plain form takes differences of float32 sums as large as the count.
        const limit = { abs: 4e-7 * count, rel: 1e-6 };
        expectClose(got.dataSync(), twin(mass, () => attentionMass(bins, given)).dataSync(), limit);
        expectClose(
          attentionMass(bins, { ...given, weights }).dataSync(),
          twin(mass, () => attentionMass(bins, { ...given, weights })).dataSync(),
          limit,
        );
      }
    });
  });

  it("counts far tails as the distribution function has them, and passes NaN on", ({ skip }) => {
    if (!hasKernel(mass)) skip("this backend has no kernel for attention mass");
    tf.tidy(() => {
      for (const density of densities) {
        const at = (mean: number, variance: number) =>
          attentionMass(20, {
            mean: tf.tensor3d([[[mean]]]),
            variance: tf.tensor3d([[[variance]]]),
            density,
          });
        for (const [mean, variance] of [
          [0.5, 0],
          [-40, 1e-3],
          [1e30, 1],
          [0.5, Number.POSITIVE_INFINITY],
          [0.05, -1],
        ] as const) {
          const [got, want] = [at(mean, variance), twin(mass, () => at(mean, variance))];
          expectClose(got.dataSync(), want.dataSync(), { abs: 4e-7, rel: 0 });
        }
        expect(at(Number.NaN, 1).dataSync().every(Number.isNaN)).toBe(true);
        expect(at(0.5, Number.NaN).dataSync().every(Number.isNaN)).toBe(true);
      }
    });
  });
});
