import { createRng, uniforms } from "@infinite-former/random";
import { stickyPositions } from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawPositions } from "./index.js";

// Multiples of 2⁻²³, as every backend draws them, and masses that are small whole numbers: exact sums in float32.
const draw = fc.nat(2 ** 23 - 1).map((n) => n * 2 ** -23);
const masses = fc.array(fc.nat(9), { minLength: 12, maxLength: 12 });

describe("drawPositions", () => {
  for (const placement of ["left-edge", "within-bin"] as const) {
    it(`equals the positions drawn in float64, for each row its own (${placement})`, () => {
      const law = fc.property(
        fc.tuple(masses, masses).filter((rows) => rows.every((row) => row.some((m) => m > 0))),
        fc.array(draw, { minLength: 14, maxLength: 14 }),
        (rows, draws) => {
          tf.tidy(() => {
            const attended = tf.tensor2d(rows, [2, 12]);
            const u = tf.tensor2d(draws, [2, 7]);
            const got = drawPositions({ stickyPositions: placement }, attended, u);
            rows.forEach((mass, b) => {
              const want = stickyPositions(mass, draws.slice(7 * b, 7 * b + 7), placement);
              const limit = placement === "left-edge" ? { abs: 1e-7, rel: 0 } : { abs: 2e-6, rel: 0 };
              expectClose(tf.slice(got, b, 1).dataSync(), want, limit);
            });
          });
        },
      );
      fc.assert(law, { seed: 91, numRuns: 100 });
    });

    it(`follows attention: the share of samples below a point is that of the mass (${placement})`, () => {
      tf.tidy(() => {
        const mass = [0, 5, 1, 0, 2, 0, 0, 8];
        const config = { stickyPositions: placement };
        const draws = tf.tensor2d(uniforms(createRng(4), 4000), [1, 4000]);
        const positions = drawPositions(config, tf.tensor2d([mass]), draws).dataSync();
        mass.forEach((m, k) => {
          const inBin = positions.filter((t) => t >= k / 8 && t < (k + 1) / 8).length;
          // Four standard deviations of 4,000 draws at most.
          expect(Math.abs(inBin / 4000 - m / 16)).toBeLessThan(0.032);
          if (m === 0) expect(inBin).toBe(0);
        });
      });
    });

    it(`samples a row without mass evenly, at i/M (${placement})`, () => {
      tf.tidy(() => {
        const attended = tf.tensor2d([
          [0, 0, 0],
          [0, 1, 0],
        ]);
        const draws = tf.tensor2d([
          [0.9, 0.1, 0.5, 0.2],
          [0.9, 0.1, 0.5, 0.25],
        ]);
        const got = drawPositions({ stickyPositions: placement }, attended, draws);
        const second = placement === "left-edge" ? [0, 0, 0, 0] : [0.1, 0.25, 0.5, 0.9];
        const want = [0.25, 0.5, 0.75, 1, ...second.map((share) => (1 + share) / 3)];
        expectClose(got.dataSync(), want, { abs: 1e-6, rel: 0 });
        const middle = drawPositions({ stickyPositions: placement, grid: "midpoints" }, attended, draws);
        const even = [0.125, 0.375, 0.625, 0.875, ...want.slice(4)];
        expectClose(middle.dataSync(), even, { abs: 1e-6, rel: 0 });
      });
    });
  }

  it("stays in [0, 1] for draws at the ends, whatever the scale of the mass", () => {
    tf.tidy(() => {
      for (const scale of [1e-25, 1, 1e25]) {
        for (const placement of ["left-edge", "within-bin"] as const) {
          const attended = tf.tensor2d([[0.1 * scale, 0.7 * scale, 0.3 * scale]]);
          const got = drawPositions(
            { stickyPositions: placement },
            attended,
            tf.tensor2d([[1, 1 - 2 ** -23, 0]]),
          );
          const edge = placement === "left-edge" ? 2 / 3 : 1;
          expectClose(got.dataSync(), [0, edge, edge], { abs: 1e-6, rel: 0 });
        }
      }
    });
  });

  it("leaves no tensors behind, also where it refuses", () => {
    const [attended, draws, wrong] = [tf.ones([2, 4]), tf.zeros([2, 3]), tf.zeros([1, 3])] as tf.Tensor2D[];
    const before = tf.memory().numTensors;
    drawPositions({ stickyPositions: "left-edge" }, attended as tf.Tensor2D, draws as tf.Tensor2D).dispose();
    expect(() =>
      drawPositions({ stickyPositions: "left-edge" }, attended as tf.Tensor2D, wrong as tf.Tensor2D),
    ).toThrow("drawPositions: draws must have shape [batch = 2, samples], got [1, 3]");
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([attended, draws, wrong] as tf.Tensor[]);
  });
});
