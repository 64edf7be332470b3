import { createRng, uniforms } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { compressedCount, compressRows, initCompression, type Remainder } from "./index.js";

const rng = createRng(71);
const draw = (count: number) => uniforms(rng, count, -1, 1);
const model = 3;

/** The rule for one batch row in plain numbers: zeros before, whole groups from the front. */
function byDefinition(
  rows: readonly (readonly number[])[],
  kernel: ArrayLike<number>,
  bias: ArrayLike<number>,
  ratio: number,
  remainder: Remainder,
): number[][] {
  const rest = rows.length % ratio;
  const zeros = rest === 0 ? 0 : remainder === "pad" ? ratio - rest : rest;
  const padded = [...Array.from({ length: zeros }, () => Array<number>(model).fill(0)), ...rows];
  const groups = Math.floor(padded.length / ratio);
  return Array.from({ length: groups }, (_, g) =>
    Array.from({ length: model }, (_, o) => {
      let sum = bias[o] as number;
      for (let i = 0; i < ratio; i++) {
        for (let c = 0; c < model; c++) {
          const weight = kernel[(i * model + c) * model + o] as number;
          sum += ((padded[g * ratio + i] as number[])[c] as number) * weight;
        }
      }
      return sum;
    }),
  );
}

describe("compressRows", () => {
  for (const remainder of ["pad", "reference"] as const) {
    for (const [ratio, count] of [
      [4, 8],
      [3, 7],
      [3, 8],
      [4, 6],
      [5, 4],
      [1, 3],
      [2, 1],
    ] as const) {
      it(`equals the ${remainder} rule by its definition in every batch row: ${count} rows by ${ratio}`, () => {
        const filled = Array.from({ length: count + 1 }, (_, n) => n);
        const batch = filled.length;
        const x = draw(batch * count * model);
        const [kernel, bias] = [draw(ratio * model * model), draw(model)];
        const got = tf.tidy(() => {
          const out = compressRows(
            { kernel: tf.tensor3d(kernel, [ratio, model, model]), bias: tf.tensor1d(bias) },
            { rows: tf.tensor3d(x, [batch, count, model]), filled: tf.tensor1d(filled) },
            remainder,
          );
          return { rows: out.rows.arraySync(), filled: [...out.filled.dataSync()] };
        });
        filled.forEach((real, b) => {
          const rows = Array.from({ length: real }, (_, i) => {
            const at = (b * count + count - real + i) * model;
            return Array.from(x.subarray(at, at + model));
          });
          const want = byDefinition(rows, kernel, bias, ratio, remainder);
          expect(got.filled[b]).toBe(want.length);
          expect(got.rows[b]).toHaveLength(compressedCount(count, ratio, remainder));
          const counting = want.length === 0 ? [] : (got.rows[b] as number[][]).slice(-want.length);
          expectClose(counting.flat(), want.flat(), { abs: 1e-6, rel: 1e-6 });
        });
      });
    }
  }

  it("equals finite differences in parameters and rows, with rows that do not exist", () => {
    for (const remainder of ["pad", "reference"] as const) {
      expectGradients(
        (kernel, bias, rows) =>
          compressRows({ kernel, bias }, { rows, filled: tf.tensor1d([5, 2]) }, remainder).rows,
        [
          { shape: [3, 2, 2], values: draw(12) },
          { shape: [2], values: draw(2) },
          { shape: [2, 5, 2], values: draw(20) },
        ],
      );
    }
  });

  it("leaves no tensors behind, also when it refuses", () => {
    const params = initCompression({ modelSize: 2, ratio: 3 }, rng);
    const fits = { rows: tf.ones([2, 4, 2]) as tf.Tensor3D, filled: tf.tensor1d([4, 1]) };
    const wide = { rows: tf.ones([2, 4, 5]) as tf.Tensor3D, filled: tf.tensor1d([4, 1]) };
    const before = tf.memory().numTensors;
    disposeTree(compressRows(params, fits));
    disposeTree(compressRows(params, fits, "reference"));
    expect(() => compressRows(params, wide)).toThrow(
      "compressRows: kernel must have shape [ratio, model = 5, model = 5], got [3, 2, 2]",
    );
    expect(() => compressRows(params, { ...fits, filled: tf.tidy(() => tf.ones([3])) })).toThrow(
      "compressRows: filled must have shape [batch = 2], got [3]",
    );
    expect(tf.memory().numTensors).toBe(before + 1);
    disposeTree([params, fits, wide]);
  });
});

describe("initCompression", () => {
  it("is PyTorch's default for a convolution", () => {
    tf.tidy(() => {
      const { kernel, bias } = initCompression({ modelSize: 12, ratio: 3 }, createRng(1));
      const bound = 1 / 6;
      const values = kernel.dataSync() as Float32Array;
      expect(kernel.shape).toEqual([3, 12, 12]);
      expect(Math.max(...values)).toBeLessThan(bound);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(-bound);
      const mean = values.reduce((sum, v) => sum + v * v, 0) / values.length;
      expect(Math.abs(mean / (bound ** 2 / 3) - 1)).toBeLessThan(0.2);
      expect(bias.dataSync().every((v) => Math.abs(v) <= bound)).toBe(true);
    });
  });
});
