import { createRng, uniforms } from "@infinite-former/random";
import {
  type Basis,
  createBasis,
  expectedByQuadrature,
  expectedValues,
  type LocationScaleFamily,
} from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { expectedBasis } from "./expected-basis.js";

const bases: readonly Basis[] = [
  createBasis({ kind: "rectangular", count: 12 }),
  createBasis({ kind: "rectangular", count: 300 }),
  createBasis({ kind: "fourier", count: 64, period: 1 }),
  createBasis({ kind: "fourier", count: 9 }),
  createBasis({ kind: "legendre", count: 40 }),
  createBasis({ kind: "bspline", count: 14 }),
  createBasis({ kind: "bspline", count: 200 }),
  createBasis({ kind: "gaussian", count: 12, widths: [0.05, 0.2] }),
];
const families: readonly LocationScaleFamily[] = ["gaussian", "truncated-parabola", "biweight"];
const pairs = bases.flatMap((basis) =>
  families
    .filter((family) => basis.kind !== "gaussian" || family === "biweight") // the others have tests of their own
    .map((family) => ({ kind: basis.kind, count: basis.count, family, basis })),
);

describe.each(pairs)("expectedBasis of $count $kind functions under a $family", ({ basis, family }) => {
  it("equals the float64 form, gradients too, for scales from 1e-12 to 1e3, at the ends too", () => {
    const rng = createRng(7);
    const powers = Array.from({ length: 46 }, (_, i) => -12 + i / 3);
    const means = powers.map((_, i) => (i % 5 < 2 ? i % 5 : Math.fround(uniforms(rng, 1)[0] as number)));
    const variances = powers.map((power) => Math.fround(10 ** power));
    tf.tidy(() => {
      const [mean, variance] = [tf.tensor1d(means), tf.tensor1d(variances)];
      const value = expectedBasis(mean, variance, basis, family).arraySync() as number[][];
      // Few functions: one cotangent each gives the whole Jacobian. Many: three random mixtures of all.
      const few = basis.count <= 14;
      const cotangents = Array.from({ length: few ? basis.count : 3 }, (_, row) =>
        few
          ? Float32Array.from({ length: basis.count }, (_, j) => (j === row ? 1 : 0))
          : uniforms(rng, basis.count, -1, 1),
      );
      const slopes = cotangents.map((mix) => {
        const by = tf.grads((m, v) => expectedBasis(m as tf.Tensor, v as tf.Tensor, basis, family));
        const rows = tf.tile(tf.tensor2d(mix, [1, basis.count]), [means.length, 1]);
        return (by([mean, variance], rows) as tf.Tensor[]).map((g) => g.dataSync());
      });
      means.forEach((m, i) => {
        const want = expectedValues(m, variances[i] as number, basis, family);
        const name = `at ${m}, ${variances[i]}`;
        expectClose(value[i] as number[], want.value, { abs: 1e-30, rel: 5e-6, name });
        const size = Math.max(...want.value.map(Math.abs)) / (variances[i] as number);
        // Waves over a density of hundreds of turns: the turns themselves round. A cell in a tail that is cut off has 0.
        const loose = basis.kind === "fourier" && (variances[i] as number) > 1 ? 1e-6 : 1e-12;
        const floor = (basis.kind === "rectangular" ? 1e-8 : loose) * size;
        (["byMean", "byVariance"] as const).forEach((of, order) => {
          const largest = Math.max(...want[of].map(Math.abs));
          const limit = 3e-5 * largest * (few ? 1 : Math.sqrt(basis.count)) + floor;
          slopes.forEach((by, row) => {
            const mix = cotangents[row] as Float32Array;
            const sum = want[of].reduce((total, d, j) => total + d * (mix[j] as number), 0);
            expect(Math.abs((by[order]?.[i] as number) - sum), `${of} ${row} ${name}`).toBeLessThanOrEqual(
              limit,
            );
          });
        });
      });
    });
  });

  it("is finite for scales of 0 and of 1e30, gradients too", () => {
    tf.tidy(() => {
      const [mean, variance] = [
        tf.tensor1d([0, 0.5, 1, 0, 0.5, 1]),
        tf.tensor1d([0, 0, 0, 1e30, 1e30, 1e30]),
      ];
      const read = (m: tf.Tensor, v: tf.Tensor) => expectedBasis(m, v, basis, family);
      const all = [read(mean, variance), ...(tf.grads(read)([mean, variance]) as tf.Tensor[])];
      for (const x of all) expect([...x.dataSync()].every(Number.isFinite)).toBe(true);
    });
  });

  it("equals finite differences under a mean that broadcasts, and leaves no tensors behind", ({ skip }) => {
    if (basis.count > 14) skip("a step of 0.01 is too long for so many functions");
    const before = tf.memory().numTensors;
    expectGradients(
      (mean, variance) => expectedBasis(tf.add(mean, tf.zeros([2, 3])), variance, basis, family),
      [
        { shape: [3], values: [0.11, 0.42, 0.63] },
        { shape: [2, 3], values: uniforms(createRng(8), 6, 0.2, 0.6) },
      ],
      { step: 0.01 },
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("expectedByQuadrature", () => {
  it("is an oracle of its own for one pair of each basis", () => {
    tf.tidy(() => {
      for (const basis of bases) {
        const want = expectedByQuadrature(0.4, 0.01, basis, "biweight").value;
        const got = expectedBasis(tf.tensor1d([0.4]), tf.tensor1d([0.01]), basis, "biweight").dataSync();
        expectClose(got, want, { abs: 1e-30, rel: 5e-6 });
      }
    });
  });
});
