import { expectClose } from "@infinite-former/tooling-vitest/close";
import { startScript } from "@infinite-former/tooling-vitest/script";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { ownKernelOperands, runOwnKernels } from "../test/own-kernels.js";
import { withoutNative } from "../test/support/native.js";
import { compile } from "./compile.js";
import { loadTensorflow } from "./load.js";

skipEach(withoutNative);

interface Digests {
  readonly instructionSet: string;
  /** Every kernel of ours that is registered. */
  readonly kernels: readonly string[];
  readonly hashes: Readonly<Record<string, string>>;
}

/** Digests of the kernels' results in a process with so many threads and vectors no wider than these. */
async function digests(threads: number, limit: string): Promise<Digests> {
  const env = { TF_NUM_INTRAOP_THREADS: `${threads}`, ONEDNN_MAX_CPU_ISA: limit };
  const { ended } = startScript(new URL("../test/kernel-hashes.ts", import.meta.url), [], env);
  const { code, stdout, stderr } = await ended;
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe("kernels of our own", () => {
  const limits = { baseline: "SSE41", avx2: "AVX2", avx512: "DEFAULT" };
  const sets = Object.keys(limits);
  it.for(Object.entries(limits))(
    "for %s give the same bits whatever the number of threads, under ONEDNN_MAX_CPU_ISA=%s",
    { timeout: 240_000 }, // seconds where nothing else runs
    async ([set, limit], { skip }) => {
      const [one, two, seven] = await Promise.all([digests(1, limit), digests(2, limit), digests(7, limit)]);
      if (sets.indexOf(one.instructionSet) < sets.indexOf(set)) skip(`this processor has no ${set}`);
      expect(one.instructionSet).toBe(set);
      expect(Object.keys(one.hashes).sort()).toEqual([...one.kernels].sort());
      expect(two).toEqual(one);
      expect(seven).toEqual(one);
    },
  );

  describe("in this process", () => {
    beforeAll(async () => {
      if (withoutNative) return;
      await loadTensorflow();
      await tf.setBackend("tensorflow");
    });

    it("give the same bits in a graph as one by one", () => {
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const compiled = compile(runOwnKernels);
        const operands = ownKernelOperands();
        const eager = runOwnKernels(operands);
        for (let call = 0; call < 2; call++) {
          const got = compiled(operands);
          expect(Object.keys(got)).toEqual(Object.keys(eager));
          for (const [name, outputs] of Object.entries(eager)) {
            outputs.forEach((want, i) => {
              const result = got[name]?.[i] as tf.Tensor;
              expect(result.shape).toEqual(want.shape);
              expectClose(result.dataSync(), want.dataSync(), { abs: 0, rel: 0, name: `${name} ${i}` });
            });
          }
        }
        compiled.dispose();
      });
      expect(tf.memory().numTensors).toBe(before);
    });

    it("give the same bits in a graph, where they take over the memory of what nobody else needs", () => {
      const shape: [number, number] = [70, 531];
      const inputs = [1, 2, 3, 4].map((seed) => tf.randomNormal(shape, 0, 1, "float32", seed));
      const [gain, bias] = [5, 6].map((seed) => tf.randomNormal([shape[1]], 1, 1, "float32", seed)) as [
        tf.Tensor,
        tf.Tensor,
      ];
      const seed = tf.tensor1d([3, 4], "int32");
      const scalars = tf.tensor1d([0.1, 0.5, 0.9, 0.5]);
      const run = (name: string, given: tf.NamedTensorMap, attributes = {}) =>
        tf.engine().runKernel(`InfiniteFormer${name}`, given, attributes) as tf.Tensor[];
      // Every operand is made inside and read once, so that its memory may be taken.
      const own = (x: tf.Tensor, factor: number): tf.Tensor => tf.mul(x, factor);
      const all = (x: tf.Tensor[], gain: tf.Tensor, bias: tf.Tensor): tf.Tensor[] => {
        const [a, b, c, d] = x as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const bend = { kind: 2, rate: 0.25, scale: 1 / 0.75 };
        const sums = { x: own(a, 1.1), second: own(b, 1.2), third: own(c, 1.3), gain, bias };
        const [y, statistics, sum] = run("LayerNorm", sums, { epsilon: 0.1 }) as [
          tf.Tensor,
          tf.Tensor,
          tf.Tensor,
        ];
        const slope = { x: own(sum, 1.01), gain, bias, statistics, cotangent: own(d, 1.4) };
        const active = { x: own(b, 1.5), bias, seed };
        const moments = { parameter: own(a, 1.6), gradient: own(b, 1.7), first: own(c, 1.8) };
        const betas = { beta1: 0.9, beta2: 0.99, rest1: 0.1, rest2: 0.01, epsilon: 1e-3 };
        return [
          y,
          sum,
          ...run("LayerNormGrad", slope),
          ...run("Activation", active, bend),
          ...run("ActivationGrad", { ...active, x: own(c, 1.9), cotangent: own(d, 2.1) }, bend),
          ...run("ActivationGrad", { x: own(a, 2.2), cotangent: d }, { ...bend, rate: 0, scale: 1 }),
          ...run("AdamW", { ...moments, second: tf.square(d), scalars }, betas),
        ];
      };
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const compiled = compile(all);
        const eager = all(inputs, gain, bias).map((x) => x.dataSync());
        for (let call = 0; call < 3; call++) {
          expect(compiled(inputs, gain, bias).map((x) => x.dataSync())).toEqual(eager);
        }
        compiled.dispose();
      });
      expect(tf.memory().numTensors).toBe(before);
      tf.dispose([...inputs, gain, bias, seed, scalars]);
    });

    it("refuse shapes that do not fit, and leave no tensors behind", () => {
      const [x, three, four] = [tf.ones([2, 3]), tf.ones([3]), tf.ones([4])];
      const ids = tf.tensor1d([0, 1, 2], "int32");
      const [wide, centers] = [tf.ones([1, 1, 3]), tf.ones([2])];
      const [many, kernel] = [tf.ones([17, 3]), tf.ones([3, 2])];
      const before = tf.memory().numTensors;
      const run = (name: string, inputs: tf.NamedTensorMap, attributes = {}) =>
        tf.engine().runKernel(`InfiniteFormer${name}`, inputs, attributes);
      expect(() => run("LayerNorm", { x, gain: four, bias: four }, { epsilon: 1 })).toThrow(
        "gain must have shape [size], got [4]",
      );
      expect(() => run("LayerNorm", { x, gain: three, bias: three, second: four }, { epsilon: 1 })).toThrow(
        "what is added must have the shape of x, got [4]",
      );
      expect(() => run("Activation", { x, bias: four }, { kind: 1, rate: 0, scale: 1 })).toThrow(
        "bias must have shape [last axis of x], got [4]",
      );
      const betas = { beta1: 0.9, beta2: 0.9, rest1: 0.1, rest2: 0.1, epsilon: 1 };
      const moments = { parameter: x, gradient: x, first: x, second: x };
      expect(() => run("AdamW", { ...moments, scalars: three }, betas)).toThrow(
        "scalars must have shape [4], got [3]",
      );
      expect(() => run("AdamW", { ...moments, first: three, scalars: four }, betas)).toThrow(
        "must have the parameter's shape, got [3]",
      );
      const plain = { kind: 0, transposed: 0 };
      expect(() => run("RowLinear", { x: many, kernel }, plain)).toThrow(
        "x must have shape [rows, inputs], rows at most 16, got [17, 3]",
      );
      expect(() => run("RowLinear", { x, kernel: x }, plain)).toThrow(
        "kernel must have shape [inputs, outputs], got [2, 3]",
      );
      expect(() => run("RowLinear", { x, kernel }, { kind: 0, transposed: 1 })).toThrow(
        "kernel must have shape [outputs, inputs], got [3, 2]",
      );
      expect(() => run("RowLinear", { x, kernel, bias: three }, plain)).toThrow(
        "bias must have shape [outputs], got [3]",
      );
      expect(() => run("RowLinear", { x, kernel, residual: x }, plain)).toThrow(
        "residual must have shape [rows, outputs], got [2, 3]",
      );
      expect(() => run("ScatterRows", { rows: x, ids }, { vocabulary: 5 })).toThrow(
        "ids must have shape [count], got [3]",
      );
      const values = tf.ones([1, 5, 1, 2]);
      expect(() => run("ReadOut", { mean: wide, variance: wide, values, centers, widths: centers })).toThrow(
        "values must have shape [batch, centres * widths, heads, size], got [1, 5, 1, 2]",
      );
      const narrow = { mean: wide, variance: wide, edges: centers, weights: x };
      expect(() => run("AttentionMass", narrow, { parabola: 0 })).toThrow(
        "weights must have shape [batch, queries], got [2, 3]",
      );
      expect(() => run("DrawPositions", { attended: x, draws: x, even: four }, { within: 0 })).toThrow(
        "even must have shape [samples], got [4]",
      );
      const sampled = { coefficients: values, positions: x, fit: x, centers, widths: centers };
      expect(() => run("Resample", sampled)).toThrow(
        "coefficients must have shape [batch, centres * widths, size], got [1, 5, 1, 2]",
      );
      expect(() => run("ScatterRows", { rows: x } as tf.NamedTensorMap, { vocabulary: 5 })).toThrow(
        "InfiniteFormerScatterRows: ids must be a tensor, got undefined",
      );
      values.dispose();
      expect(tf.memory().numTensors).toBe(before);
      tf.dispose([x, three, four, ids, wide, centers, many, kernel]);
    });
  });
});
