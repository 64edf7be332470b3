import { createRng, uniforms } from "@infinite-former/random";
import { type BasisConfig, createBasis, designMatrix, transpose } from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { basisValues } from "./index.js";

const configs: readonly BasisConfig[] = [
  { kind: "gaussian", count: 12, widths: [0.05, 0.2] },
  { kind: "rectangular", count: 16 },
  { kind: "fourier", count: 64, period: 1 },
  { kind: "fourier", count: 9 },
  { kind: "legendre", count: 64 },
  { kind: "bspline", count: 64 },
];

describe("basisValues", () => {
  it.each(configs)("equals the design matrix in float64: $kind, $count functions", (config) => {
    const basis = createBasis(config);
    const at = Float32Array.of(...uniforms(createRng(5), 21, -0.2, 1.2), 0, 1, 0.5);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const got = basisValues(basis, tf.tensor2d(at, [2, 12]));
      expect(got.shape).toEqual([2, 12, config.count]);
      expectClose(got.dataSync(), transpose(designMatrix(basis, at)).data, { abs: 1e-6, rel: 3e-6 });
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
