import { statelessUniform } from "@infinite-former/random";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { updateDraws } from "./index.js";

describe("updateDraws", () => {
  it("gives each row the numbers of its seed and its count of segments, on every backend the same", () => {
    tf.tidy(() => {
      const seeds = tf.tensor2d([5, 6, 5, 6, -7, 8], [3, 2], "int32");
      const got = updateDraws(seeds, tf.tensor1d([0, 41, 2]), 6);
      expect(got.shape).toEqual([3, 6]);
      const want = [
        [5, 6],
        [5, 47],
        [-7, 10],
      ].flatMap((seed) => [...statelessUniform(seed as [number, number], 6)]);
      expect(Array.from(got.dataSync())).toEqual(want);
    });
  });

  it("leaves no tensors behind, also where it refuses", () => {
    const seeds = tf.zeros<tf.Rank.R2>([2, 2], "int32");
    const [segments, wrong] = [tf.zeros<tf.Rank.R1>([2]), tf.zeros<tf.Rank.R1>([3])];
    const before = tf.memory().numTensors;
    updateDraws(seeds, segments, 4).dispose();
    expect(() => updateDraws(seeds, wrong, 4)).toThrow(
      "updateDraws: segments must have shape [batch = 2], got [3]",
    );
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([seeds, segments, wrong]);
  });
});
