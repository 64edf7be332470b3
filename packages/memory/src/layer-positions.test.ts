import { statelessUniform } from "@infinite-former/random";
import { stickyPositions } from "@infinite-former/signal";
import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { config } from "../test/oracle.js";
import { type LongTermMemory, layerPositions } from "./index.js";

const sticky = { ...config, sampling: "sticky", sampleCount: 6, stickyBins: 4 } as const;
const mass = [
  [1, 0, 4, 3],
  [0, 2, 2, 0],
];
const memories = (): LongTermMemory[] =>
  mass.map((row) => ({
    coefficients: tf.zeros([2, 16, 3]),
    segments: tf.tensor1d([3, 1]),
    attended: tf.tensor2d([row, [...row].reverse()]),
  }));

describe("layerPositions", () => {
  it("draws for each layer and row from its own mass, by the row's seed and count", () => {
    for (const given of [undefined, [7, 8, -9, 10]]) {
      tf.tidy(() => {
        const seeds = given && tf.tensor2d(given, [2, 2], "int32");
        const got = layerPositions(sticky, memories(), seeds);
        const [a, b, c, d] = given ?? [0, 0, 0, 0];
        const draws = [
          statelessUniform([a as number, (b as number) + 3], 12),
          statelessUniform([c as number, (d as number) + 1], 12),
        ];
        mass.forEach((row, layer) => {
          const want = [row, [...row].reverse()].flatMap((own, b) => {
            return [...stickyPositions(own, (draws[b] as Float32Array).subarray(6 * layer, 6 * layer + 6))];
          });
          expectClose((got[layer] as tf.Tensor2D).dataSync(), want, { abs: 1e-7, rel: 0 });
        });
      });
    }
  });

  it("gives nothing with uniform sampling or without layers, and leaves no tensors behind", () => {
    const layers = memories();
    const before = tf.memory().numTensors;
    expect(layerPositions(config, layers)).toEqual([undefined, undefined]);
    expect(layerPositions(sticky, [])).toEqual([]);
    disposeTree(layerPositions(sticky, layers) as tf.Tensor2D[]);
    expect(tf.memory().numTensors).toBe(before);
    disposeTree(layers);
  });
});
