import { statelessUniform } from "@infinite-former/random";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { float32, random, seed, tidily } from "../test/random.js";
import { ConfigError, dropout, ShapeError, seededUniform } from "./index.js";

describe("dropout", () => {
  it(
    "keeps by the seed's numbers, the same on every backend, and scales what stays",
    tidily(() => {
      const x = random([7, 9], 1, 2);
      const rate = 0.35;
      const draws = statelessUniform([11, -4], 63);
      const want = Array.from(x.dataSync(), (value, i) =>
        (draws[i] as number) >= rate ? value / (1 - rate) : 0,
      );
      expectClose(dropout(x, rate, seed(11, -4)).dataSync(), want, float32);
    }),
  );

  it(
    "draws the numbers of the twin bit for bit",
    tidily(() => {
      for (const [a, b] of [
        [0, 0],
        [1, 2],
        [-7, 2_000_000_000],
      ] as const) {
        expect(seededUniform([3, 37], seed(a, b)).dataSync()).toEqual(statelessUniform([a, b], 111));
      }
    }),
  );

  it(
    "keeps the share and the mean it promises, and differs by seed",
    tidily(() => {
      const y = dropout(tf.ones([100, 100]), 0.25, seed(3, 1));
      const kept = y.dataSync().filter((value) => value !== 0).length / 1e4;
      expect(Math.abs(kept - 0.75)).toBeLessThan(5 * Math.sqrt((0.75 * 0.25) / 1e4));
      expect(dropout(tf.ones([100, 100]), 0.25, seed(3, 2)).dataSync()).not.toEqual(y.dataSync());
    }),
  );

  it(
    "is the identity at rate 0 and refuses a rate or seed out of range",
    tidily(() => {
      const x = random([4]);
      expect(dropout(x, 0, seed(1, 1)).dataSync()).toEqual(x.dataSync());
      for (const rate of [-0.1, 1, Number.NaN])
        expect(() => dropout(x, rate, seed(1, 1))).toThrow(ConfigError);
      expect(() => dropout(x, 0.5, tf.tensor1d([1], "int32"))).toThrow(ShapeError);
    }),
  );
});
