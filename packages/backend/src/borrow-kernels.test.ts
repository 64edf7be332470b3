import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { activateBackend } from "./activate.js";
import { borrowCpuKernels } from "./borrow-kernels.js";

beforeAll(async () => {
  await activateBackend("wasm");
});

describe("borrowCpuKernels", () => {
  it("has given wasm the kernels it needs to train, and finds no more", () => {
    for (const name of [tf.UnsortedSegmentSum, tf.Conv2DBackpropFilter, tf.Einsum, tf.FFT]) {
      expect(tf.getKernel(name, "wasm")?.kernelName).toBe(name);
    }
    expect(borrowCpuKernels("wasm")).toEqual([]);
  });

  it("computes on tensors of the other backend, which go on being usable there", async () => {
    const values = Float32Array.from({ length: 12 }, () => Math.random() - 0.5);
    const x = tf.tensor2d(values, [4, 3]);
    const doubled = tf.add(x, x); // lives on wasm
    const sums = tf.unsortedSegmentSum(doubled, tf.tensor1d([0, 2, 0, 2], "int32"), 3);
    const expected = [0, 1, 2].flatMap((segment) =>
      [0, 1, 2].map((column) => {
        if (segment === 1) return 0;
        const [first, second] = segment === 0 ? [0, 2] : [1, 3];
        return 2 * ((values[first * 3 + column] as number) + (values[second * 3 + column] as number));
      }),
    );
    expectClose(await sums.data(), expected, { abs: 1e-6 });
    const after = tf.matMul(doubled, tf.transpose(sums) as tf.Tensor2D); // both back on wasm
    expect(after.shape).toEqual([4, 3]);
    expectClose(
      [(await after.data())[0] as number],
      [[0, 1, 2].reduce((sum, j) => sum + 2 * (values[j] as number) * (expected[j] as number), 0)],
      { abs: 1e-5 },
    );
  });

  it("leaves no tensors behind", () => {
    const x = tf.ones([5, 2]);
    const ids = tf.tensor1d([0, 0, 1, 1, 1], "int32");
    const before = tf.memory().numTensors;
    const buffers = tf.memory().numDataBuffers;
    for (let i = 0; i < 10; i++) tf.tidy(() => void tf.unsortedSegmentSum(x, ids, 2));
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.memory().numDataBuffers).toBe(buffers);
  });

  it("transforms complex numbers, of which wasm knows nothing", async () => {
    const wave = tf.spectral.fft(tf.complex([1, 0, -1, 0], [0, 0, 0, 0]));
    expectClose(await tf.real(wave).data(), [0, 2, 0, 2], { abs: 1e-6 });
  });
});
