import { expectedParabolaBasis } from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { parabolaExpectation, parabolaExpectationDerivatives } from "./parabola-expectation.js";

/** Distances, in multiples of a basis width, that cross both ends of the support. */
function offsets(ratio: number): number[] {
  return Array.from({ length: 101 }, (_, i) => ((i - 50) / 50) * (ratio + 5));
}

describe("parabolaExpectation", () => {
  it.each([0.001, 0.05, 0.5])(
    "keeps its digits for half-widths of 1e-4 to 1000 basis widths of %d, derivatives too",
    (width) => {
      for (const ratio of [1e-4, 0.01, 0.1, 0.5, 1, 1.5, 1.9, 1.999, 2.001, 2.1, 2.5, 3, 5, 10, 100, 1000]) {
        const halfWidth = Math.fround(ratio * width);
        const variance = halfWidth ** 3 / 1.5;
        const distances = Float32Array.from(offsets(ratio), (z) => z * width);
        const want = Array.from(distances, (distance) =>
          expectedParabolaBasis(distance, variance, {
            kind: "gaussian",
            count: 1,
            centers: Float64Array.of(0),
            widths: Float64Array.of(width),
          }),
        );
        tf.tidy(() => {
          const input = { distance: tf.tensor1d(distances), halfWidth: tf.scalar(halfWidth), width };
          const { byMean, byVariance } = parabolaExpectationDerivatives(input);
          const check = (got: tf.Tensor, of: "value" | "byMean" | "byVariance", rel: number): void => {
            const name = `${of} at ${ratio} widths`;
            expectClose(
              got.dataSync(),
              want.map((r) => r[of][0] as number),
              { abs: 0, rel, name },
            );
          };
          check(parabolaExpectation(input), "value", 4e-6);
          check(byMean, "byMean", 4e-6);
          check(byVariance, "byVariance", 3e-5);
        });
      }
    },
  );

  it("leaves no tensors behind", () => {
    const input = { distance: tf.zeros([2, 3]), halfWidth: tf.ones([2, 1]), width: 0.1 };
    const before = tf.memory().numTensors;
    parabolaExpectation(input).dispose();
    tf.dispose({ ...parabolaExpectationDerivatives(input) });
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([input.distance, input.halfWidth]);
  });
});
