import { disposeTree, leaves } from "@infinite-former/tensor";
import { trial } from "@infinite-former/tooling-vitest/trial";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { batch, type ToyConfig as Config, config, start, task } from "../test/toy.js";
import { type StepReport, TrainingLoop } from "./loop.js";

const all = async (loop: AsyncIterable<StepReport>): Promise<StepReport[]> => {
  const reports: StepReport[] = [];
  for await (const report of loop) reports.push(report);
  return reports;
};
const bits = (trees: object): number[] => leaves(trees).flatMap(({ tensor }) => [...tensor.dataSync()]);

describe("TrainingLoop", () => {
  it("overfits a tiny task, counting steps, tokens and seconds", async () => {
    using loop = new TrainingLoop(config({ steps: 120 }));
    const reports = await all(loop);
    expect(reports).toHaveLength(120);
    expect(reports[0]!.loss).toBeGreaterThan(1);
    expect(reports.at(-1)!.loss).toBeLessThan(0.05);
    expect(reports.map(({ step }) => step)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
    expect(reports.at(-1)!.tokens).toBe(480);
    expect(reports.every(({ seconds }, i) => i === 0 || seconds > reports[i - 1]!.seconds)).toBe(true);
    expect(reports[3]!.learningRate).toBe(0.05);
    expect(reports[0]!.gradientNorm).toBeGreaterThan(0);
    expect(Number.isFinite(reports[0]!.metrics["spread"])).toBe(true);
  });

  it("holds the same number of tensors after every step, and none at the end", async () => {
    const before = tf.memory().numTensors;
    const loop = new TrainingLoop(config({ steps: 50 }));
    const counts = new Set<number>();
    for await (const _ of loop) counts.add(tf.memory().numTensors);
    expect([...counts]).toEqual([before + leaves(loop.trees).length]);
    loop.dispose();
    loop.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("goes on bit for bit from copied trees and progress", async () => {
    using whole = new TrainingLoop(config({ steps: 30 }));
    const want = await all(whole);
    using first = new TrainingLoop(config({ steps: 11 }));
    const got = await all(first);
    const saved = leaves(first.trees).map(({ tensor }) => Float32Array.from(tensor.dataSync()));
    const initial = start();
    const copied = leaves(initial).map(({ tensor }, i) => tf.tensor(saved[i]!, tensor.shape));
    let next = 0;
    const fill = <T extends object>(tree: T): T => {
      const entries = Object.entries(tree).map(([key, value]) => {
        return [key, value instanceof tf.Tensor ? copied[next++] : fill(value as object)];
      });
      return Object.fromEntries(entries) as T;
    };
    using second = new TrainingLoop(config({ steps: 30, initial: fill(initial), progress: first.progress }));
    got.push(...(await all(second)));
    disposeTree(initial);
    const stream = (reports: StepReport[]) =>
      reports.map(({ step, loss, gradientNorm }) => [step, loss, gradientNorm]);
    expect(stream(got)).toEqual(stream(want));
    expect(bits(second.trees)).toEqual(bits(whole.trees));
  });

  it("stops after the running step when aborted, and may be entered again", async () => {
    const controller = new AbortController();
    using loop = new TrainingLoop(config({ steps: 20, signal: controller.signal }));
    for await (const { step } of loop) if (step === 4) break;
    expect(loop.progress.step).toBe(4);
    for await (const { step } of loop) if (step === 9) controller.abort();
    expect(loop.progress.step).toBe(9);
    expect(await all(loop)).toEqual([]);
  });

  it("lets timers run while it trains", async () => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), 1);
    using loop = new TrainingLoop(config({ steps: 1_000_000, signal: controller.signal }));
    const reports = await all(loop);
    clearTimeout(timer);
    expect(reports.length).toBeLessThan(1_000_000);
  });

  it("passes the step through the compiler it is given, and releases what that made", async () => {
    let calls = 0;
    let disposed = 0;
    const compile = <A extends readonly unknown[], R>(fn: (...args: A) => R) => {
      const counted = (...args: A): R => {
        calls++;
        return fn(...args);
      };
      return Object.assign(counted, { dispose: () => void disposed++ });
    };
    const loop = new TrainingLoop(config({ steps: 3, compile }));
    await all(loop);
    loop.dispose();
    expect([calls, disposed]).toEqual([3, 1]);
  });

  describe("with NaN or infinity", () => {
    const broken = (change: Partial<Config>) => new TrainingLoop(config({ steps: 10, ...change }));
    const planted = (): Config["initial"] => {
      const initial = start();
      const gain = new Float32Array(8);
      gain[3] = Number.NaN;
      const hidden = { ...initial.params.hidden, bias: tf.tensor1d(gain) };
      initial.params.hidden.bias!.dispose();
      return { ...initial, params: { ...initial.params, hidden } };
    };
    const nan = (step: number) => {
      const { tensors, tokens } = batch(step);
      if (step !== 2) return { tensors, tokens };
      const x = tf.mul(tensors.x, Number.NaN);
      tensors.x.dispose();
      return { tensors: { ...tensors, x }, tokens };
    };
    const division: Config["task"] = {
      ...task,
      // 0/0 in the gradient alone: |x| at zero, as √(x²).
      loss: (params, state, data, seed) => {
        const usual = task.loss(params, state, data, seed);
        const zero = tf.mul(params.output.kernel, 0);
        return { ...usual, loss: tf.add(usual.loss, tf.sum(tf.sqrt(tf.square(zero)))) };
      },
    };

    const places: [string, () => Partial<Config>, string, number][] = [
      ["weights", () => ({ initial: planted() }), "params.hidden.bias", 1],
      ["data", () => ({ batch: nan }), "batch.x", 3],
      ["a gradient", () => ({ task: division }), "gradients.output.kernel", 1],
    ];
    for (const [place, change, path, step] of places) {
      trial(
        { number: 12, fault: `NaN in ${place} stops in that step, which is named with the tensor` },
        async () => {
          const before = tf.memory().numTensors;
          const loop = broken(change());
          await expect(all(loop)).rejects.toMatchObject({ code: "ERR_NON_FINITE", path, step });
          expect(loop.progress.step).toBe(step - 1);
          if (path !== "params.hidden.bias") expect(bits(loop.trees).every(Number.isFinite)).toBe(true);
          loop.dispose();
          expect(tf.memory().numTensors).toBe(before);
        },
      );
    }

    it("names the largest gradient where only their norm overflows", async () => {
      const steep: Config["task"] = {
        ...task,
        loss: (params, state, data, seed) => {
          const usual = task.loss(params, state, data, seed);
          return { ...usual, loss: tf.add(usual.loss, tf.mul(tf.sum(params.output.kernel), 1e30)) };
        },
      };
      using loop = broken({ task: steep });
      await expect(all(loop)).rejects.toMatchObject({ path: "norm of gradients.output.kernel", step: 1 });
    });

    trial({ number: 12, fault: "updates with NaN, as many as may be skipped" }, async () => {
      using loop = broken({ batch: nan, skipNonFinite: 1 });
      const reports = await all(loop);
      expect(reports.map(({ skipped }) => skipped)).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 0, 0].map(Boolean));
      expect(bits(loop.trees).every(Number.isFinite)).toBe(true);
      expect(loop.trees.optimizer.step.dataSync()[0]).toBe(9);
    });

    trial({ number: 12, fault: "a learning rate of 1e38 stops in the step after" }, async () => {
      const large = { kind: "constant", peak: 1e38, totalSteps: 10 } as const;
      using loop = broken({ schedule: large });
      await expect(all(loop)).rejects.toMatchObject({ code: "ERR_NON_FINITE" });
      expect(loop.progress.step).toBeLessThanOrEqual(2);
    });
  });

  it("refuses settings out of range", () => {
    for (const [change, path] of [
      [{ steps: -1 }, "steps"],
      [{ seed: 0.5 }, "seed"],
      [{ skipNonFinite: Number.NaN }, "skipNonFinite"],
      [{ task: { ...task, clipNorm: 0 } }, "clipNorm"],
    ] as const) {
      expect(() => new TrainingLoop(config(change as Partial<Config>))).toThrow(
        expect.objectContaining({ code: "ERR_CONFIG", path }),
      );
    }
  });
});
