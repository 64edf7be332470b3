import { createRng, uniforms } from "@infinite-former/random";
import { basisJet, createBasis, cardinalSpline as exactSpline } from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { cardinalSpline, fractionalTurns, legendreFunctions } from "./index.js";

const rng = createRng(311);

describe("cardinalSpline", () => {
  it("equals the spline in float64, derivatives too, and leaves no tensors behind", () => {
    const x = Float32Array.of(...uniforms(rng, 40, -3, 3), -2, -1, 0, 1, 2);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      (["value", "slope", "bend"] as const).forEach((of, order) => {
        const want = Array.from(x, (at) => exactSpline(at)[of]);
        const got = cardinalSpline(tf.tensor1d(x), order as 0 | 1 | 2);
        expectClose(got.dataSync(), want, { abs: 1e-6, name: of });
      });
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("legendreFunctions", () => {
  it("equals the polynomials in float64, derivatives too, up to both ends", () => {
    const rest = Float32Array.of(...uniforms(rng, 20), 1e-7, 1e-4, 0, 1, 0.5).map((x) => Math.fround(x));
    const basis = createBasis({ kind: "legendre", count: 64 });
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      for (const end of [0, 1]) {
        const near = tf.tensor1d(rest);
        const far = tf.sub(1, near);
        const [position, beyond] = end === 0 ? [near, far] : [far, near];
        const jets = Array.from(rest, (x) => basisJet(basis, end === 0 ? x : 1 - x));
        for (const of of ["value", "slope", "bend"] as const) {
          const rows = legendreFunctions(position, beyond, 64, (f) => tf.clone(f[of]), true);
          rows.forEach((row, n) => {
            const limit = { abs: 1e-30, rel: 1e-5, name: `${of} ${n}` };
            expectClose(
              row.dataSync(),
              jets.map((jet) => jet[of][n] as number),
              limit,
            );
          });
        }
      }
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("fractionalTurns", () => {
  it("keeps its digits at high frequencies", () => {
    const x = uniforms(rng, 50);
    const frequencies = [0, 1, 2, 77, 513, 4000];
    tf.tidy(() => {
      const got = fractionalTurns(tf.tensor2d(x, [50, 1]), frequencies).dataSync();
      const want = Array.from(x).flatMap((t) => frequencies.map((k) => Math.cos(2 * Math.PI * k * t)));
      expectClose(
        got.map((turn) => Math.cos(2 * Math.PI * turn)),
        want,
        { abs: 2e-6 },
      );
      expect(Math.max(...got.map(Math.abs))).toBeLessThanOrEqual(0.5);
    });
  });
});
