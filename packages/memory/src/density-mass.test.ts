import { createRng, uniforms } from "@infinite-former/random";
import { binMass, createBasis, gibbsDensity } from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { attentionMass, densityMass } from "./index.js";

const rng = createRng(17);
const shape: [number, number, number, number] = [2, 3, 4, 2];
const each = 3 * 4 * 2;
const limit = { abs: 4e-6, rel: 1e-6 };

describe("densityMass", () => {
  it("equals the biweights' mass in float64", () => {
    tf.tidy(() => {
      const means = uniforms(rng, each);
      const variances = uniforms(rng, each, -8, 1).map((power) => 10 ** power);
      const rows: [number, number, number] = [1, 3, 8];
      const mass = densityMass(16, {
        mean: tf.tensor3d(means, rows),
        variance: tf.tensor3d(variances, rows),
        density: "biweight",
      });
      expectClose(mass.dataSync(), binMass({ bins: 16, means, variances, density: "biweight" }), limit);
    });
  });

  it("counts the components of mixtures by their weights, and queries by theirs", () => {
    tf.tidy(() => {
      const [means, shares] = [uniforms(rng, 2 * each), uniforms(rng, 2 * each)];
      const variances = uniforms(rng, 2 * each, -8, 1).map((power) => 10 ** power);
      const weights = uniforms(rng, 8);
      const components = {
        mean: tf.tensor4d(means, shape),
        variance: tf.tensor4d(variances, shape),
        share: tf.tensor4d(shares, shape),
      };
      const whole = tf.zeros<tf.Rank.R3>([2, 3, 4]);
      const given = { mean: whole, variance: whole, components };
      const got = densityMass(16, { ...given, weights: tf.tensor2d(weights, [2, 4]) }).dataSync();
      const want = new Float64Array(32);
      for (let i = 0; i < 2 * each; i++) {
        const [b, query] = [Math.floor(i / each), Math.floor(i / 2) % 4];
        const weight = (shares[i] as number) * (weights[b * 4 + query] as number);
        const mass = binMass({ bins: 16, means: [means[i] as number], variances: [variances[i] as number] });
        mass.forEach((m, k) => {
          want[b * 16 + k] = (want[b * 16 + k] as number) + weight * m;
        });
      }
      expectClose(got, want, limit);
    });
  });

  it("counts the points of a grid, weighed, and refuses one without a basis", () => {
    const basis = createBasis({ kind: "bspline", count: 9 });
    const { probabilities, grid } = gibbsDensity(basis, uniforms(rng, 9, -1, 1));
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const points = probabilities.length;
      const twice = tf.tensor4d([...probabilities, ...probabilities], [1, 1, 2, points]);
      const whole = tf.zeros<tf.Rank.R3>([1, 1, 2]);
      const given = { mean: whole, variance: whole, probabilities: twice, density: "gibbs" as const };
      const want = new Float64Array(5);
      grid.positions.forEach((t, g) => {
        const bin = Math.floor(t * 5);
        want[bin] = (want[bin] as number) + 1.25 * (probabilities[g] as number);
      });
      const weights = tf.tensor2d([[1, 0.25]]);
      expectClose(densityMass(5, { ...given, basis, weights }).dataSync(), want, limit);
      expect(() => densityMass(5, given)).toThrow(
        expect.objectContaining({ code: "ERR_CONFIG", path: "basis" }),
      );
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it("is attentionMass where there is one density each", () => {
    tf.tidy(() => {
      const given = {
        mean: tf.fill<tf.Rank.R3>([1, 2, 2], 0.3),
        variance: tf.fill<tf.Rank.R3>([1, 2, 2], 0.01),
      };
      expect([...densityMass(8, given).dataSync()]).toEqual([...attentionMass(8, given).dataSync()]);
    });
  });
});
