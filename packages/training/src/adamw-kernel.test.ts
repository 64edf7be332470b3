import { createRng, normals } from "@infinite-former/random";
import { hasKernel, leaves } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { adamW, initAdamW, resolveAdamWConfig } from "./adamw.js";
import { clipByGlobalNorm, clipScale, globalNorm } from "./clip.js";

const shapes: readonly (readonly number[])[] = [[1], [7], [1, 1], [3, 5], [16, 16], [130, 301], []];

function draw(seed: number, scale: number): tf.Tensor[] {
  const rng = createRng(seed);
  return shapes.map((shape) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return tf.tensor(normals(rng, count, 0, scale), [...shape]);
  });
}

/** Three steps with clipping, folded in or not. */
function steps(folded: boolean): number[] {
  const config = resolveAdamWConfig({ weightDecay: 0.1 });
  let params = draw(1, 1);
  let state = initAdamW(params);
  for (let step = 0; step < 3; step++) {
    const gradients = draw(2 + step, 0.01 * (step + 1));
    const rate = tf.scalar(0.01 * (3 - step));
    if (folded) {
      const scale = clipScale(globalNorm(gradients), 0.5);
      ({ params, state } = adamW(config, params, gradients, state, rate, scale));
    } else {
      const clipped = clipByGlobalNorm(gradients, 0.5).gradients;
      ({ params, state } = adamW(config, params, clipped, state, rate));
    }
  }
  return [params, state].flatMap((tree) => leaves(tree)).flatMap(({ tensor }) => [...tensor.dataSync()]);
}

function without<R>(names: readonly string[], run: () => R): R {
  const kernels = names.map((name) => tf.getKernel(name, tf.getBackend()) as tf.KernelConfig);
  for (const { kernelName, backendName } of kernels) tf.unregisterKernel(kernelName, backendName);
  try {
    return run();
  } finally {
    for (const kernel of kernels) tf.registerKernel(kernel);
  }
}

describe("adamW with a gradient scale", () => {
  it("equals clipping first, at any size", () => {
    tf.tidy(() => {
      expectClose(steps(true), steps(false), { abs: 1e-7, rel: 2e-7 });
    });
  });

  it("is one kernel on native TensorFlow, with the numbers of the composed form", ({ skip }) => {
    const names = ["InfiniteFormerAdamW", "InfiniteFormerGlobalNorm"];
    if (!names.every(hasKernel)) skip("this backend has no fused AdamW");
    tf.tidy(() => {
      const got = steps(true);
      expect(steps(true)).toEqual(got);
      expectClose(
        got,
        without(names, () => steps(true)),
        { abs: 3e-7, rel: 1e-6 },
      );
    });
  });
});

describe("globalNorm", () => {
  it("has the numbers of the composed form where it is one kernel, of each tensor and of all", ({ skip }) => {
    const name = "InfiniteFormerGlobalNorm";
    if (!hasKernel(name)) skip("this backend has no fused global norm");
    tf.tidy(() => {
      const all = draw(8, 2);
      for (const tree of [all, ...all.map((x) => [x])]) {
        const run = () => globalNorm(tree).dataSync();
        expect(run()).toEqual(run());
        expectClose(run(), without([name], run), { abs: 0, rel: 2e-6, name: `${tree.at(-1)?.shape}` });
      }
    });
  });

  it("equals the root of the sum of squares in float64, of many tensors", () => {
    tf.tidy(() => {
      const tree = [...draw(6, 3), ...draw(7, 1e-3)];
      const sum = tree.flatMap((x) => [...x.dataSync()]).reduce((total, x) => total + x * x, 0);
      // Elsewhere the squares are summed in float32, on wasm one after the other.
      const rel = hasKernel("InfiniteFormerGlobalNorm") ? 1e-7 : 1e-5;
      expectClose(globalNorm(tree).dataSync(), [Math.sqrt(sum)], { abs: 0, rel });
    });
  });
});
