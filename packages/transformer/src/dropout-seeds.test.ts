import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { dropoutSeeds, noDropout } from "./dropout-seeds.js";

describe("dropoutSeeds", () => {
  const ones = 64;
  const masksOf = (seed: number, step: number): string[] =>
    tf.tidy(() => {
      const seeds = dropoutSeeds(0.5, tf.tensor1d([seed, step], "int32"));
      return Array.from({ length: 9 }, () =>
        seeds
          .drop(tf.ones([ones]))
          .dataSync()
          .join(),
      );
    });

  it("gives no two places of a run the same mask, in one step or in different ones", () => {
    for (const seed of [0, 1337, 2 ** 31 - 1, -(2 ** 31)]) {
      const masks = Array.from({ length: 12 }, (_, step) => masksOf(seed, step)).flat();
      expect(new Set(masks).size).toBe(masks.length);
    }
  });

  it("gives the same masks for the same seed", () => {
    expect(masksOf(7, 3)).toEqual(masksOf(7, 3));
    expect(masksOf(7, 3)).not.toEqual(masksOf(8, 3));
  });

  it("leaves a tensor as it is at rate 0", () => {
    tf.tidy(() => {
      const x = tf.ones([4]);
      expect(dropoutSeeds(0, tf.tensor1d([1, 2], "int32"))).toBe(noDropout);
      expect(dropoutSeeds(0.5, tf.tensor1d([1, 2], "int32")).drop(x, 0)).toBe(x);
    });
  });
});
