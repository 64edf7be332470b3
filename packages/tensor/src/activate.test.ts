import { createRng, normals, statelessUniform } from "@infinite-former/random";
import { erf } from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { withoutKernel } from "../test/without-kernel.js";
import {
  dropout,
  type FusedActivation,
  fusedActivation,
  geluErf,
  geluTanh,
  hasFusedActivation,
} from "./index.js";

const shapes = [
  [1, 1],
  [1, 5],
  [7, 1],
  [3, 16],
  [101, 33],
  [5, 4099],
  [700, 130],
] as const;
const rate = 0.35;
const name = "InfiniteFormerActivation";

/** Value and slope in float64. */
const functions: Record<FusedActivation, (x: number) => [number, number]> = {
  identity: (x) => [x, 1],
  relu: (x) => [Math.max(x, 0), x > 0 ? 1 : 0],
  "gelu-tanh": (x) => {
    const slope = Math.sqrt(2 / Math.PI);
    const half = 1 / (1 + Math.exp(-2 * slope * (x + 0.044715 * x ** 3)));
    return [x * half, half + 2 * x * half * (1 - half) * slope * (1 + 3 * 0.044715 * x ** 2)];
  },
  "gelu-erf": (x) => {
    const mass = (1 + erf(x / Math.SQRT2)) / 2;
    return [x * mass, mass + (x * Math.exp(-(x ** 2) / 2)) / Math.sqrt(2 * Math.PI)];
  },
};
const kinds = Object.keys(functions) as FusedActivation[];

function draw([rows, size]: readonly [number, number]) {
  const rng = createRng(31);
  return {
    x: normals(rng.split("x"), rows * size, 0, 3),
    bias: normals(rng.split("bias"), size),
    cotangent: normals(rng.split("cotangent"), rows * size),
  };
}

const seed = () => tf.tensor1d([11, -4], "int32");

describe.each(kinds)("fusedActivation, %s", (kind) => {
  it("equals the formula in float64 with a bias and dropout, gradients too, at any size", ({ skip }) => {
    if (!hasFusedActivation()) skip("this backend has no fused activation");
    for (const shape of shapes) {
      for (const [biased, drops] of [
        [false, false],
        [true, false],
        [false, true],
        [true, true],
      ]) {
        const { x, bias, cotangent } = draw(shape);
        const [value, dx] = [new Float64Array(x.length), new Float64Array(x.length)];
        const [dBias, draws] = [new Float64Array(bias.length), statelessUniform([11, -4], x.length)];
        x.forEach((v, i) => {
          const column = i % bias.length;
          // In float32, as the addition before a ReLU is.
          const [y, slope] = functions[kind](Math.fround(v + (biased ? (bias[column] as number) : 0)));
          const keep = !drops ? 1 : (draws[i] as number) >= Math.fround(rate) ? 1 / (1 - rate) : 0;
          value[i] = y * keep;
          dx[i] = (cotangent[i] as number) * slope * keep;
          dBias[column]! += dx[i] as number;
        });
        tf.tidy(() => {
          const [t, b] = [tf.tensor(x, [...shape]), tf.tensor1d(bias)];
          const options = { ...(drops ? { dropout: { rate, seed: seed() } } : {}) };
          const run = (t: tf.Tensor, b: tf.Tensor): tf.Tensor =>
            fusedActivation(t, kind, biased ? { ...options, bias: b as tf.Tensor1D } : options);
          const label = `${shape} ${biased} ${drops}`;
          const limit = { abs: 4e-6, rel: 1e-6, name: label };
          expectClose(run(t, b).dataSync(), value, limit);
          const into = tf.tensor(cotangent, [...shape]);
          const slopes = biased ? tf.grads(run)([t, b], into) : [tf.grad((t) => run(t, b))(t, into)];
          expectClose(slopes[0]?.dataSync() as Float32Array, dx, limit);
          if (biased) expectClose(slopes[1]?.dataSync() as Float32Array, dBias, { ...limit, rel: 1e-5 });
        });
      }
    }
  });
});

describe("the kernel of activations", () => {
  it("gives dropout's bits of the composed form, and gradients too", ({ skip }) => {
    if (!hasFusedActivation()) skip("this backend has no fused activation");
    for (const shape of shapes) {
      const run = () =>
        tf.tidy(() => {
          const { x, cotangent } = draw(shape);
          const drop = (t: tf.Tensor) => dropout(t, rate, seed());
          const t = tf.tensor(x, [...shape]);
          const slope = tf.grad(drop)(t, tf.tensor(cotangent, [...shape]));
          return [drop(t).dataSync(), slope.dataSync()];
        });
      expect(run()).toEqual(withoutKernel(name, run));
    }
  });

  it("is within 2e-7 · |x| of both GELUs in float64, 4e-7 in their slopes", ({ skip }) => {
    if (!hasFusedActivation()) skip("this backend has no fused activation");
    const x = Float32Array.from({ length: 40_001 }, (_, i) => (i - 20_000) / 1600);
    for (const [gelu, kind] of [
      [geluErf, "gelu-erf"],
      [geluTanh, "gelu-tanh"],
    ] as const) {
      tf.tidy(() => {
        const y = gelu(tf.tensor1d(x)).dataSync();
        const slope = tf
          .grad((t: tf.Tensor) => gelu(t))(tf.tensor1d(x))
          .dataSync();
        const worst = [0, 0] as [number, number];
        x.forEach((v, i) => {
          const [want, steep] = functions[kind](v);
          worst[0] = Math.max(worst[0], Math.abs((y[i] as number) - want) - 2e-7 * Math.abs(v));
          worst[1] = Math.max(worst[1], Math.abs((slope[i] as number) - steep));
        });
        expect(worst[0]).toBeLessThanOrEqual(0);
        expect(worst[1]).toBeLessThan(4e-7);
      });
    }
  });

  it("keeps NaN and infinities where the formulas do", ({ skip }) => {
    if (!hasFusedActivation()) skip("this backend has no fused activation");
    tf.tidy(() => {
      const x = tf.tensor1d([Number.NaN, Number.POSITIVE_INFINITY, -100, 100, 0]);
      for (const kind of kinds.filter((kind) => kind !== "identity")) {
        expect([...fusedActivation(x, kind).dataSync()].slice(0, 2)).toEqual([Number.NaN, Infinity]);
        expectClose([...fusedActivation(x, kind).dataSync()].slice(2), [0, 100, 0], { abs: 1e-30, rel: 0 });
      }
    });
  });

  it("leaves no tensors behind and borrows its arguments", ({ skip }) => {
    if (!hasFusedActivation()) skip("this backend has no fused activation");
    const [x, bias, key] = [tf.ones([4, 3]), tf.ones([3]) as tf.Tensor1D, seed()];
    const before = tf.memory().numTensors;
    const run = (t: tf.Tensor) => fusedActivation(t, "relu", { bias, dropout: { rate, seed: key } });
    run(x).dispose();
    tf.grad(run)(x).dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect([...x.dataSync()]).toEqual(Array(12).fill(1));
    tf.dispose([x, bias, key]);
  });
});
