import { createRng, uniforms } from "@infinite-former/random";
import type { GaussianBasis } from "@infinite-former/signal";
import { hasKernel } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { twin } from "../test/twin.js";
import { createMemoryPlan } from "./plan.js";
import { resample } from "./resample.js";

const rng = createRng(85);
const again = "InfiniteFormerResample";

describe("resample", () => {
  // Sizes that fill no vector, several blocks of runs, a basis of several panels.
  const cases = [
    { batch: 1, basisCount: 1, basisWidths: [0.3], sampleCount: 1, model: 1, bins: 0 },
    { batch: 3, basisCount: 14, basisWidths: [0.01, 0.05], sampleCount: 37, model: 19, bins: 8 },
    { batch: 2, basisCount: 150, basisWidths: [0.01, 0.05, 0.2], sampleCount: 230, model: 66, bins: 0 },
    { batch: 2, basisCount: 64, basisWidths: [0.05, 0.01], sampleCount: 512, model: 128, bins: 128 },
  ];
  const draws = ({ batch, basisCount, sampleCount, model, bins }: (typeof cases)[number]) => {
    const rows = Array.from({ length: batch }, () => uniforms(rng, sampleCount).sort());
    const places = rows.flatMap((row) =>
      Array.from(row, (t) => (bins > 0 ? Math.floor(t * bins) / bins : t)),
    );
    return {
      coefficients: tf.tensor3d(uniforms(rng, batch * basisCount * model, -1, 1), [batch, basisCount, model]),
      positions: tf.tensor2d(places, [batch, sampleCount]),
      fit: tf.tensor2d(uniforms(rng, basisCount * sampleCount, -0.1, 0.1), [basisCount, sampleCount]),
    };
  };

  it.for(cases)("equals the sums in float64: $basisCount functions, $sampleCount samples", (one) => {
    const plan = createMemoryPlan({ ...one, sampling: "sticky" });
    const { centers, widths } = plan.basis as GaussianBasis;
    const { batch, basisCount: n, sampleCount: m, model } = one;
    tf.tidy(() => {
      const given = draws(one);
      const got = resample(plan, { ...given, throughPast: false });
      expect(got.shape).toEqual([batch, n, model]);
      const [b, t, g] = [given.coefficients, given.positions, given.fit].map((x) =>
        x.dataSync(),
      ) as Float32Array[];
      const want = new Float64Array(batch * n * model);
      let largest = 0;
      for (let row = 0; row < batch; row++) {
        const values = new Float64Array(m * model);
        for (let s = 0; s < m; s++) {
          for (let j = 0; j < n; j++) {
            const z = ((t?.[row * m + s] as number) - (centers[j] as number)) / (widths[j] as number);
            const psi = Math.exp(-0.5 * z * z) / ((widths[j] as number) * Math.sqrt(2 * Math.PI));
            for (let e = 0; e < model; e++) {
              values[s * model + e]! += psi * (b?.[(row * n + j) * model + e] as number);
            }
          }
        }
        for (let i = 0; i < n; i++) {
          for (let s = 0; s < m; s++) {
            const weight = g?.[i * m + s] as number;
            for (let e = 0; e < model; e++)
              want[(row * n + i) * model + e]! += weight * (values[s * model + e] as number);
          }
        }
      }
      for (const x of want) largest = Math.max(largest, Math.abs(x));
      expectClose(got.dataSync(), want, { abs: 4e-6 * largest, rel: 1e-5 });
    });
    plan.dispose();
  });

  it("has the numbers of the plain form, whatever the order of the positions, and passes NaN on", ({
    skip,
  }) => {
    if (!hasKernel(again)) skip("this backend has no kernel for resampling");
    for (const one of cases) {
      const plan = createMemoryPlan({ ...one, sampling: "sticky" });
      tf.tidy(() => {
        const { positions, ...given } = draws(one);
        for (const places of [positions, tf.reverse(positions, 1), tf.neg(positions)]) {
          const run = () => resample(plan, { ...given, positions: places, throughPast: false });
          const [got, want] = [run(), twin(again, run)];
          const largest = tf.max(tf.abs(want)).dataSync()[0] as number;
          expectClose(got.dataSync(), want.dataSync(), { abs: 4e-6 * largest, rel: 1e-5 });
        }
        const lost = tf.fill<tf.Rank.R2>(positions.shape, Number.NaN);
        const got = resample(plan, { ...given, positions: lost, throughPast: false }).dataSync();
        expect(got.every(Number.isNaN)).toBe(true);
      });
      plan.dispose();
    }
  });

  it("lets gradients reach the coefficients where that is asked for, and leaves no tensors behind", () => {
    const one = cases[1] as (typeof cases)[number];
    const plan = createMemoryPlan({ ...one, sampling: "sticky" });
    const given = draws(one);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const sum = (throughPast: boolean) => (coefficients: tf.Tensor) =>
        tf.sum(resample(plan, { ...given, coefficients: coefficients as tf.Tensor3D, throughPast }));
      const slope = tf.grad(sum(true))(given.coefficients);
      const moved = tf.add(given.coefficients, slope);
      // Linear: the value rises by the square of the slope.
      const rise = tf.sub(sum(false)(moved), sum(false)(given.coefficients)).dataSync();
      expectClose(rise, tf.sum(tf.square(slope)).dataSync(), { abs: 0, rel: 1e-3 });
    });
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(Object.values(given));
    plan.dispose();
  });
});
