import { createRng, uniforms } from "@infinite-former/random";
import {
  coefficients,
  designMatrix,
  evaluateSignal,
  type Matrix,
  matrix,
  ridgeFit,
} from "@infinite-former/signal";
import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import { expectSameTree } from "@infinite-former/tooling-vitest/same-tree";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, it } from "vitest";
import { coefficientsOf, config, empty, float32, model, random } from "../test/oracle.js";
import {
  absorb,
  createMemoryPlan,
  evaluate,
  type LongTermMemory,
  type MemoryConfig,
  merge,
} from "./index.js";

const plan = createMemoryPlan(config);
afterAll(() => plan.dispose());
const rng = createRng(51);

/** A memory of two rows after two segments. */
const filled = (): LongTermMemory => {
  return absorb(plan, absorb(plan, empty(2), random([2, 10, model])), random([2, 7, model]));
};

/** The definition in float64, every position written out: no fit of the package, padding of its own. */
function oracle(settings: MemoryConfig, first: Matrix, second: Matrix): Matrix {
  const { sampleCount: samples, ridge, grid, padding } = settings;
  const offset = grid === "midpoints" ? 0.5 : 1;
  const at = Array.from({ length: samples }, (_, i) => (i + offset) / samples);
  const inside = [...at.map((t) => t / 2), ...at.map((t) => 0.5 + t / 2)];
  const shift = 1 / (3 * samples);
  const outer = Array.from(
    { length: 4 * samples },
    (_, k) => -0.5 + shift + (k * (2 - 2 * shift)) / (4 * samples - 1),
  );
  const below = padding === "zeros" ? outer.slice(0, samples) : [];
  const above = padding === "zeros" ? outer.slice(-samples) : [];
  const design = designMatrix(plan.basis, [...below, ...inside, ...above]);
  const fit = ridgeFit(design, ridge, below.length, below.length + 2 * samples);
  const values = [first, second].flatMap((b) => [...evaluateSignal(plan.basis, b, at).data]);
  return coefficients(fit, matrix(2 * samples, model, Float64Array.from(values)));
}

describe("merge", () => {
  it.each<[string, Partial<MemoryConfig>]>([
    ["with padding", {}],
    ["without padding, mid-points", { padding: "none", grid: "midpoints" }],
    ["without padding, end-points", { padding: "none", grid: "endpoints" }],
  ])("equals sampling both and fitting anew in float64, %s", (_, options) => {
    const settings = { ...config, ...options };
    using own = createMemoryPlan(settings);
    tf.tidy(() => {
      const [older, newer] = [filled(), filled()];
      const merged = merge(own, older, newer);
      for (const b of [0, 1]) {
        const [first, second] = [older, newer].map((memory) =>
          matrix(config.basisCount, model, Float64Array.from(coefficientsOf(memory, b))),
        ) as [Matrix, Matrix];
        expectClose(coefficientsOf(merged, b), oracle(settings, first, second).data, float32);
      }
      expect(Array.from(merged.segments.dataSync())).toEqual([4, 4]);
    });
  });

  it("puts the older signal at t/2 and the newer one at ½ + t/2", () => {
    using fine = createMemoryPlan({ ...config, basisCount: 96, basisWidths: [0.02, 0.04], ridge: 1e-3 });
    tf.tidy(() => {
      const zero = { coefficients: tf.zeros<tf.Rank.R3>([1, 96, 1]), segments: tf.zeros<tf.Rank.R1>([1]) };
      const wave = (turns: number): tf.Tensor3D => {
        const values = Array.from({ length: 200 }, (_, i) => Math.sin((turns * Math.PI * (i + 0.5)) / 200));
        return tf.tensor3d(values, [1, 200, 1]);
      };
      const [older, newer] = [absorb(fine, zero, wave(1)), absorb(fine, zero, wave(2))];
      const merged = merge(fine, older, newer);
      const at = [0.1, 0.3, 0.5, 0.7, 0.9];
      const got = (from: number) =>
        evaluate(
          fine,
          merged,
          at.map((t) => from + t / 2),
        ).dataSync();
      // What the ridge takes, and what lies within a width of the seam.
      expectClose(got(0), evaluate(fine, older, at).dataSync(), { abs: 0.01 });
      expectClose(got(0.5), evaluate(fine, newer, at).dataSync(), { abs: 0.01 });
    });
  });

  it("gives the other memory where one is empty, and an empty row where both are, bit for bit", () => {
    tf.tidy(() => {
      const segment = random([4, 10, model]);
      const with_ = (rows: number[]) => absorb(plan, empty(4), segment, { active: tf.tensor1d(rows) });
      const [older, newer] = [with_([1, 1, 0, 0]), with_([1, 0, 1, 0])];
      const merged = merge(plan, older, newer);
      expect(Array.from(merged.segments.dataSync())).toEqual([2, 1, 1, 0]);
      expect(coefficientsOf(merged, 1)).toEqual(coefficientsOf(older, 1));
      expect(coefficientsOf(merged, 2)).toEqual(coefficientsOf(newer, 2));
      expect(coefficientsOf(merged, 3)).toEqual(new Float32Array(config.basisCount * model));
      // The next update fits the empty row as a first segment.
      const next = absorb(plan, merged, segment);
      expectClose(coefficientsOf(next, 3), coefficientsOf(with_([1, 1, 1, 1]), 3), { abs: 0, rel: 0 });
    });
  });

  it.each([4, 5])("moves attention mass with its places: %i bins", (bins) => {
    using sticky = createMemoryPlan({ ...config, sampling: "sticky", stickyBins: bins });
    tf.tidy(() => {
      const withMass = (memory: LongTermMemory, values: Float32Array) => ({
        ...memory,
        attended: tf.tensor2d(values, [2, bins]),
      });
      const [a, b] = [uniforms(rng, 2 * bins), uniforms(rng, 2 * bins)];
      const older = filled();
      const half = { ...filled(), segments: tf.tensor1d([2, 0]) };
      half.coefficients = tf.mul(half.coefficients, tf.tensor3d([1, 0], [2, 1, 1]));
      const merged = merge(sticky, withMass(older, a), withMass(half, b));
      const fine = [...a.slice(0, bins), ...b.slice(0, bins)];
      const want = Array.from({ length: bins }, (_, k) => (fine[2 * k] ?? 0) + (fine[2 * k + 1] ?? 0));
      const got = merged.attended?.dataSync() ?? [];
      expectClose(got.slice(0, bins), want, { abs: 1e-6 });
      expect(got.slice(bins)).toEqual(a.slice(bins)); // an empty newer row
    });
  });

  it("is emptied by the next update with wipeAfter, where both together reach it", () => {
    using wiping = createMemoryPlan({ ...config, wipeAfter: 4 });
    tf.tidy(() => {
      const segment = random([2, 10, model]);
      const next = absorb(wiping, merge(wiping, filled(), filled()), segment);
      expectSameTree(next, absorb(wiping, empty(2), segment), { abs: 0, rel: 0 });
    });
  });

  it("is differentiable in both", () => {
    const shape = [2, config.basisCount, 2];
    const input = () => ({ shape, values: uniforms(rng, 4 * config.basisCount, -1, 1) });
    expectGradients(
      (first, second) => {
        const one = { coefficients: first as tf.Tensor3D, segments: tf.tensor1d([1, 2]) };
        const two = { coefficients: second as tf.Tensor3D, segments: tf.tensor1d([3, 1]) };
        return merge(plan, one, two).coefficients;
      },
      [input(), input()],
    );
  });

  it("leaves no tensors behind, also where it throws", () => {
    const [older, newer, other] = [filled(), filled(), empty(3)];
    plan.merge();
    const before = tf.memory().numTensors;
    disposeTree(merge(plan, older, newer));
    const message =
      "merge: newer.coefficients must have shape [batch = 2, basis = 16, model = 3], got [3, 16, 3]";
    expect(() => merge(plan, older, other)).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([older, newer, other]);
  });
});
