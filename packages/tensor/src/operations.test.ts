import { createRng, normals } from "@infinite-former/random";
import { erf } from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { float32, random, seed, tidily } from "../test/random.js";
import {
  batchMatMul,
  dropout,
  embed,
  floorAt,
  geluErf,
  geluTanh,
  initLayerNorm,
  initLinear,
  initNormal,
  initUniform,
  layerNorm,
  leaves,
  linear,
  maskedSoftmax,
  ShapeError,
  scatterRows,
  stopGradient,
  sumRows,
  sumToShape,
} from "./index.js";

// The erf kernels of TensorFlow.js' own backends are the approximation 7.1.26 of Abramowitz and Stegun: 1.5e-7.
const withErf = { abs: 1e-6, rel: 2e-6 };

describe("linear", () => {
  it(
    "equals the sums written out",
    tidily(() => {
      const [x, kernel, bias] = [
        random([2, 3, 4]),
        random([4, 5]) as tf.Tensor2D,
        random([5]) as tf.Tensor1D,
      ];
      const [a, k, b] = [x.dataSync(), kernel.dataSync(), bias.dataSync()];
      const want = Array.from({ length: 30 }, (_, i) => {
        let sum = b[i % 5] as number;
        for (let j = 0; j < 4; j++)
          sum += (a[Math.floor(i / 5) * 4 + j] as number) * (k[j * 5 + (i % 5)] as number);
        return sum;
      });
      const got = linear({ kernel, bias }, x);
      expect(got.shape).toEqual([2, 3, 5]);
      expectClose(got.dataSync(), want, float32);
      expectClose(
        linear({ kernel }, x).dataSync(),
        want.map((value, i) => value - (b[i % 5] as number)),
        float32,
      );
    }),
  );

  it(
    "refuses another last axis",
    tidily(() => {
      const params = { kernel: random([4, 5]) as tf.Tensor2D };
      expect(() => linear(params, random([2, 3]))).toThrow(
        "linear: x must have shape […, inputs = 4], got [2, 3]",
      );
      expect(() => linear(params, random([2, 3]))).toThrow(ShapeError);
    }),
  );
});

describe("layerNorm", () => {
  it(
    "equals the formula in float64, with the biased variance",
    tidily(() => {
      const [x, gain, bias] = [random([3, 2, 6]), random([6]) as tf.Tensor1D, random([6]) as tf.Tensor1D];
      const [a, g, b] = [x.dataSync(), gain.dataSync(), bias.dataSync()];
      const want = Array.from({ length: 6 }, (_, row) => {
        const values = Array.from(a.subarray(row * 6, row * 6 + 6));
        const mean = values.reduce((sum, v) => sum + v, 0) / 6;
        const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 6;
        return values.map(
          (v, i) => ((v - mean) / Math.sqrt(variance + 1e-3)) * (g[i] as number) + (b[i] as number),
        );
      }).flat();
      expectClose(layerNorm({ gain, bias }, x, 1e-3).dataSync(), want, float32);
    }),
  );

  it(
    "starts as plain normalisation",
    tidily(() => {
      const y = layerNorm(initLayerNorm(8), random([4, 8]));
      expectClose(tf.mean(y, -1).dataSync(), [0, 0, 0, 0], { abs: 1e-6 });
      expectClose(tf.mean(tf.square(y), -1).dataSync(), [1, 1, 1, 1], { rel: 1e-4 });
    }),
  );
});

describe("gelu", () => {
  const points = Float32Array.from({ length: 61 }, (_, i) => (i - 30) / 5);

  it(
    "geluErf equals x Φ(x)",
    tidily(() => {
      const want = Array.from(points, (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)));
      expectClose(geluErf(tf.tensor1d(points)).dataSync(), want, withErf);
    }),
  );

  it(
    "geluTanh equals its formula, and both meet within a thousandth",
    tidily(() => {
      const want = Array.from(
        points,
        (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
      );
      const got = geluTanh(tf.tensor1d(points)).dataSync();
      expectClose(got, want, float32);
      expectClose(got, geluErf(tf.tensor1d(points)).dataSync(), { abs: 1e-3, rel: 0 });
    }),
  );
});

describe("embed", () => {
  it.each([
    [-1, 3],
    [5, 0],
    [2 ** 31 - 1, 2],
  ])("names an id that is no row of the table: %d", (id, at) => {
    tf.engine().startScope();
    const table = random([5, 3]) as tf.Tensor2D;
    const ids = [0, 4, 1, 2].map((each, index) => (index === at ? id : each));
    expect(() => embed(table, tf.tensor2d(ids, [2, 2], "int32"))).toThrow(
      expect.objectContaining({
        code: "ERR_INDEX",
        message: `embed: ids[${at}] must be in 0…4, got ${id}`,
      }),
    );
    tf.engine().endScope();
  });

  it(
    "looks up rows; scatterRows adds them up again",
    tidily(() => {
      const table = random([5, 3]) as tf.Tensor2D;
      const ids = tf.tensor2d(
        [
          [4, 0],
          [2, 4],
        ],
        [2, 2],
        "int32",
      );
      const rows = embed(table, ids);
      expect(rows.shape).toEqual([2, 2, 3]);
      const values = table.arraySync();
      expect(rows.arraySync()).toEqual([
        [values[4], values[0]],
        [values[2], values[4]],
      ]);
      const back = scatterRows(
        tf.tensor2d([
          [1, 2],
          [10, 20],
          [100, 200],
        ]),
        tf.tensor1d([2, 0, 2], "int32"),
        4,
      );
      expect(back.arraySync()).toEqual([
        [10, 20],
        [0, 0],
        [101, 202],
        [0, 0],
      ]);
    }),
  );
});

describe("batchMatMul", () => {
  it(
    "broadcasts leading axes like a loop over them",
    tidily(() => {
      const [a, b] = [random([2, 1, 3, 4]), random([5, 2, 4])];
      const got = batchMatMul(a, b, false, true);
      expect(got.shape).toEqual([2, 5, 3, 2]);
      for (let i = 0; i < 2; i++) {
        for (let j = 0; j < 5; j++) {
          const [left, right] = [tf.slice(a, [i, 0], [1, 1]), tf.slice(b, j, 1)];
          const want = tf.matMul(tf.reshape(left, [3, 4]), tf.reshape(right, [2, 4]), false, true);
          expectClose(tf.slice(got, [i, j], [1, 1]).dataSync(), want.dataSync(), float32);
        }
      }
    }),
  );

  it(
    "refuses matrices that do not fit",
    tidily(() => {
      expect(() => batchMatMul(random([3, 4]), random([3, 4]))).toThrow(
        "batchMatMul: a and b must fit as matrices, got [3, 4] · [3, 4]",
      );
      expect(() => batchMatMul(random([2, 3, 4]), random([3, 4, 2]))).toThrow(ShapeError);
      expect(() => batchMatMul(random([4]), random([4, 2]))).toThrow(ShapeError);
    }),
  );
});

describe("initialisers", () => {
  it(
    "depend on the generator alone and have the moments they promise",
    tidily(() => {
      const a = initNormal([100, 100], 0.02, createRng(9), 1).dataSync() as Float32Array;
      expect(a).toEqual(normals(createRng(9), 1e4, 1, 0.02));
      const mean = a.reduce((sum, value) => sum + value, 0) / 1e4;
      expect(Math.abs(mean - 1)).toBeLessThan(5 * 0.0002);
      const b = initUniform([50], -3, 4, createRng(9)).dataSync();
      expect(b.every((value) => value >= -3 && value < 4)).toBe(true);
      expect(leaves(initLinear({ inputs: 3, outputs: 2 }, createRng(1))).map(({ path }) => path)).toEqual([
        "kernel",
        "bias",
      ]);
      expect(
        leaves(initLinear({ inputs: 3, outputs: 2, bias: false }, createRng(1))).map(({ path }) => path),
      ).toEqual(["kernel"]);
    }),
  );
});

describe("lifetime", () => {
  it("no operation leaves tensors behind, with or without gradients, also when it throws", () => {
    const [x, square, vector] = [
      random([4, 4]) as tf.Tensor2D,
      random([4, 4]) as tf.Tensor2D,
      random([4]) as tf.Tensor1D,
    ];
    const [key, ids] = [seed(1, 2), tf.tensor1d([0, 3, 3], "int32")];
    const operations: [string, (x: tf.Tensor2D) => tf.Tensor][] = [
      ["linear", (y) => linear({ kernel: square, bias: vector }, y)],
      ["layerNorm", (y) => layerNorm({ gain: vector, bias: vector }, y)],
      ["dropout", (y) => dropout(y, 0.5, key)],
      ["maskedSoftmax", (y) => maskedSoftmax(y, vector)],
      ["embed", (y) => embed(y, ids)],
      ["batchMatMul", (y) => batchMatMul(y, square, true)],
      ["geluErf", (y) => geluErf(y)],
      ["geluTanh", (y) => geluTanh(y)],
      ["floorAt", (y) => floorAt(y, 0.1)],
      ["sumRows", (y) => sumRows(y)],
      ["sumToShape", (y) => sumToShape(y, [4, 1])],
    ];
    const before = tf.memory().numTensors;
    for (const [name, operation] of operations) {
      operation(x).dispose();
      expect(tf.memory().numTensors, name).toBe(before);
      tf.grad((y: tf.Tensor) => tf.sum(operation(y as tf.Tensor2D)))(x).dispose();
      expect(tf.memory().numTensors, `${name} with gradient`).toBe(before);
    }
    stopGradient(x).dispose();
    for (const fail of [
      () => linear({ kernel: square }, ids),
      () => maskedSoftmax(x, ids),
      () => batchMatMul(x, ids),
      () => dropout(x, 2, key),
    ]) {
      expect(fail).toThrow();
      expect(tf.memory().numTensors).toBe(before);
    }
    tf.dispose([x, square, vector, key, ids]);
  });
});
