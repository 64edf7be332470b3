import { createRng, uniforms } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { attentionMass, emptyLongTermMemory, type LongTermMemory, recordAttention } from "./index.js";

const rng = createRng(72);
const random = (count: number) => tf.tensor3d(uniforms(rng, 2 * 3 * count, 0.01, 1), [2, 3, count]);
const memory = (): LongTermMemory => ({
  coefficients: tf.ones([2, 4, 3]),
  segments: tf.tensor1d([0, 5]),
  attended: tf.zeros([2, 8]),
});

describe("recordAttention", () => {
  it("adds up over pieces to the mass of the whole, in rows that have a memory", () => {
    tf.tidy(() => {
      const [mean, variance] = [random(6), random(6)];
      const piece = (x: tf.Tensor3D, start: number, size: number) => tf.slice(x, [0, 0, start], [2, 3, size]);
      let now = memory();
      for (const [start, size] of [
        [0, 1],
        [1, 3],
        [4, 2],
      ] as const) {
        now = recordAttention(now, {
          mean: piece(mean, start, size),
          variance: piece(variance, start, size),
        });
      }
      const want = attentionMass(8, { mean, variance });
      const got = now.attended as tf.Tensor2D;
      expect(Array.from(tf.slice(got, 0, 1).dataSync())).toEqual(Array(8).fill(0));
      expectClose(tf.slice(got, 1, 1).dataSync(), tf.slice(want, 1, 1).dataSync(), { abs: 1e-6, rel: 1e-6 });
      expect(now.segments.dataSync()).toEqual(Float32Array.of(0, 5));
    });
  });

  it("leaves a memory without attention mass as it is", () => {
    tf.tidy(() => {
      const { attended: _, ...plain } = memory();
      const next = recordAttention(plain, { mean: random(2), variance: random(2) });
      expect(Object.keys(next)).toEqual(["coefficients", "segments"]);
      expect(next.coefficients.dataSync()).toEqual(plain.coefficients.dataSync());
    });
  });

  it("leaves no tensors behind, also where it refuses", () => {
    const [now, mean] = [memory(), random(2)];
    const other = emptyLongTermMemory({ batch: 1, basisCount: 4, modelSize: 3, stickyBins: 8 });
    const before = tf.memory().numTensors;
    disposeTree(recordAttention(now, { mean, variance: mean }));
    expect(() => recordAttention(other, { mean, variance: mean })).toThrow(
      "recordAttention: mean must have shape [batch = 1, heads, queries], got [2, 3, 2]",
    );
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([now, mean, other]);
  });
});
