import { createRng, normals } from "@infinite-former/random";
import { leaves, mapTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { type AdamWConfig, type AdamWState, adamW, initAdamW, resolveAdamWConfig } from "./adamw.js";

const shapes = { kernel: [4, 3], bias: [3], embedding: { table: [5, 2] } } as const;
type Params = { kernel: tf.Tensor; bias: tf.Tensor; embedding: { table: tf.Tensor } };

const draw = (rng: ReturnType<typeof createRng>, scale: number): Params => {
  const of = (shape: readonly number[]) =>
    tf.tensor(
      normals(
        rng,
        shape.reduce((a, b) => a * b, 1),
        0,
        scale,
      ),
      [...shape],
    );
  return {
    kernel: of(shapes.kernel),
    bias: of(shapes.bias),
    embedding: { table: of(shapes.embedding.table) },
  };
};

/** AdamW in float64 as PyTorch's documentation writes it, for one flat parameter. */
function reference(
  start: Float32Array,
  gradients: Float32Array[],
  rates: number[],
  c: AdamWConfig,
  decay: number,
) {
  const [theta, m, v] = [
    Float64Array.from(start),
    new Float64Array(start.length),
    new Float64Array(start.length),
  ];
  gradients.forEach((g, step) => {
    const lr = rates[step]!;
    for (let i = 0; i < theta.length; i++) {
      theta[i]! -= lr * decay * theta[i]!;
      m[i] = c.beta1 * m[i]! + (1 - c.beta1) * g[i]!;
      v[i] = c.beta2 * v[i]! + (1 - c.beta2) * g[i]! ** 2;
      const mHat = m[i]! / (1 - c.beta1 ** (step + 1));
      const vHat = v[i]! / (1 - c.beta2 ** (step + 1));
      theta[i]! -= (lr * mHat) / (Math.sqrt(vHat) + c.epsilon);
    }
  });
  return theta;
}

const data = (tree: object): number[] => leaves(tree).flatMap(({ tensor }) => [...tensor.dataSync()]);

describe("adamW", () => {
  it("equals float64 arithmetic over 30 steps of varying rate, with and without decay", () => {
    for (const weightDecay of [0, 0.3]) {
      const config = resolveAdamWConfig({ weightDecay, beta2: 0.99, noDecay: ["embedding"] });
      const rng = createRng(8);
      let params = draw(rng, 1);
      const start = leaves(params).map(({ tensor }) => tensor.dataSync() as Float32Array);
      let state = initAdamW(params);
      const history: Float32Array[][] = [];
      const rates: number[] = [];
      for (let step = 0; step < 30; step++) {
        const gradients = draw(rng, 10 ** ((step % 5) - 4)); // from 1e-4 to 1
        history.push(leaves(gradients).map(({ tensor }) => tensor.dataSync() as Float32Array));
        rates.push(0.01 * (1 + (step % 3)));
        ({ params, state } = adamW(config, params, gradients, state, tf.scalar(rates.at(-1)!)));
      }
      leaves(params).forEach(({ path, tensor }, i) => {
        const gradients = history.map((step) => step[i]!);
        const want = reference(start[i]!, gradients, rates, config, path === "kernel" ? weightDecay : 0);
        expectClose(tensor.dataSync(), want, { abs: 2e-6, rel: 2e-6, name: path });
      });
    }
  });

  it("gives what lies under a segment a rate of its own, as that rate alone would", () => {
    const step = (rate: number, rateFactors: Record<string, number>): Map<string, number[]> =>
      new Map(
        tf.tidy(() => {
          const config = resolveAdamWConfig({ weightDecay: 0.3, rateFactors });
          const [params, gradients] = [draw(createRng(8), 1), draw(createRng(9), 1)];
          const next = adamW(config, params, gradients, initAdamW(params), tf.scalar(rate));
          return leaves(next.params).map(({ path, tensor }) => [path, [...tensor.dataSync()]]) as never;
        }) as unknown as [string, number[]][],
      );
    const mixed = step(0.01, { table: 5, bias: 0.25, embedding: 100 });
    for (const [path, rate] of Object.entries({ kernel: 0.01, bias: 0.0025, "embedding.table": 0.05 })) {
      expectClose(mixed.get(path) as number[], step(rate, {}).get(path) as number[], {
        abs: 1e-7,
        rel: 1e-7,
      });
    }
    expect(() => resolveAdamWConfig({ rateFactors: { table: 0 } })).toThrow(
      "adamW: rateFactors.table must be a number > 0, got 0",
    );
  });

  it("moves a first step by rate · sign, after decay (epsilon outside the root)", () => {
    const config = resolveAdamWConfig({ weightDecay: 0.01, epsilon: 0.5, decayFromRank: 0 });
    const params = { w: tf.tensor1d([1, 1]) };
    const gradients = { w: tf.tensor1d([0.5, -2]) };
    const { params: next } = adamW(config, params, gradients, initAdamW(params), tf.scalar(0.1));
    const want = [0.999 - (0.1 * 0.5) / (0.5 + 0.5), 0.999 + (0.1 * 2) / (2 + 0.5)];
    expectClose(next.w.dataSync(), want, { abs: 0, rel: 1e-6 });
  });

  it("corrects the bias of beta 0.999 and 0.9999 in float32 too", () => {
    for (const beta2 of [0.999, 0.9999]) {
      const config = resolveAdamWConfig({ beta2 });
      const params = { w: tf.tensor1d([0]) };
      const { params: next } = adamW(
        config,
        params,
        { w: tf.tensor1d([1e-3]) },
        initAdamW(params),
        tf.scalar(1),
      );
      expectClose(next.w.dataSync(), [-1e-3 / (1e-3 + 1e-8)], { abs: 0, rel: 1e-6 });
    }
  });

  it("continues bit for bit from saved moments", () => {
    const config = resolveAdamWConfig({ weightDecay: 0.1 });
    const run = (interrupted: boolean): number[] => {
      const rng = createRng(5);
      let params = draw(rng, 1);
      let state: AdamWState<Params> = initAdamW(params);
      for (let step = 0; step < 40; step++) {
        if (interrupted && step === 17) {
          const copy = (t: tf.Tensor) => tf.tensor(Float32Array.from(t.dataSync()), t.shape);
          params = mapTree(params, copy);
          state = mapTree(state, copy);
        }
        ({ params, state } = adamW(config, params, draw(rng, 0.1), state, tf.scalar(1e-2)));
      }
      return [...data(params), ...data(state)];
    };
    expect(run(true)).toEqual(run(false));
  });

  it("gives new tensors, borrows all others and leaves none", () => {
    const params = draw(createRng(1), 1);
    const gradients = draw(createRng(2), 1);
    const state = initAdamW(params);
    const rate = tf.scalar(0.1);
    const kept = [...data(params), ...data(gradients), ...data(state)];
    const before = tf.memory().numTensors;
    adamW(resolveAdamWConfig({ weightDecay: 0.1 }), params, gradients, state, rate);
    expect(tf.memory().numTensors).toBe(before + 3 + 7);
    expect([...data(params), ...data(gradients), ...data(state)]).toEqual(kept);
  });

  it("names the path where trees differ", () => {
    const params = draw(createRng(1), 1);
    const gradients = { ...params, bias: tf.zeros([4]) };
    expect(() => adamW(resolveAdamWConfig(), params, gradients, initAdamW(params), tf.scalar(1))).toThrow(
      /gradients at bias must be float32 \[3\], got float32 \[4\]/,
    );
  });
});

describe("resolveAdamWConfig", () => {
  it.each([
    [{ beta1: 1 }, "beta1"],
    [{ beta2: -0.1 }, "beta2"],
    [{ epsilon: 0 }, "epsilon"],
    [{ weightDecay: Number.NaN }, "weightDecay"],
    [{ decayFromRank: 1.5 }, "decayFromRank"],
  ])("refuses %j", (partial, path) => {
    expect(() => resolveAdamWConfig(partial)).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path }));
  });
});
