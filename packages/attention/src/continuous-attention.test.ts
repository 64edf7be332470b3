import { createRng, uniforms } from "@infinite-former/random";
import { countParameters, disposeTree, leaves } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { type ReferenceWeights, referenceRead } from "../test/reference-attention.js";
import {
  type ContinuousAttentionConfig,
  type ContinuousAttentionParams,
  continuousAttention,
  initContinuousAttention,
  resolveContinuousAttentionConfig,
} from "./index.js";

const config = resolveContinuousAttentionConfig({
  heads: 2,
  headSize: 3,
  modelSize: 4,
  basisCount: 8,
  basisWidths: [0.1, 0.3],
  priorMean: 0.4,
});
const { heads, headSize, modelSize, basisCount } = config;
/** Shapes of keys, values and output, then of what the form adds: mean, variance, affineBias. */
const shapesOf = (of: ContinuousAttentionConfig): number[][] => {
  const inner = of.heads * of.headSize;
  const { densityCount: count, basisCount: basis } = of;
  const map = count > 1 ? [count, basis] : [basis];
  const maps = of.densityFrom === "affine" ? (count > 1 ? [map, map, map] : [map, map]) : [];
  return [
    [of.modelSize, inner],
    [of.modelSize, inner],
    [inner, of.modelSize],
    ...maps,
    ...(of.affineBias ? [[count > 1 ? 3 * count : 2]] : []),
  ];
};
/** The same list by name. */
const byName = <T>(list: readonly T[], of = config): Readonly<Record<string, T>> => {
  const shares = of.densityCount > 1 ? ["share"] : [];
  const names = ["keys", "values", "output", "mean", "variance", ...shares, "affineBias"];
  return Object.fromEntries(list.map((x, i) => [names[i], x]));
};
const build = (tensors: readonly tf.Tensor[], of = config): ContinuousAttentionParams => {
  const { keys, values, output, ...maps } = byName(tensors, of);
  const params = { keys: { kernel: keys }, values: { kernel: values }, output: { kernel: output }, ...maps };
  return params as unknown as ContinuousAttentionParams;
};
const sizes = shapesOf(config);
const form = (more: Partial<ContinuousAttentionConfig>) => ({
  basis: "gaussian" as const,
  basisWidths: (more.basis ?? "gaussian") === "gaussian" ? config.basisWidths : [],
  basisPeriod: more.basis === "fourier" ? 2 : null,
  densityCount: 1,
  density: "gaussian" as const,
  densityFrom: more.density === "gibbs" ? ("scores" as const) : ("affine" as const),
  affineBias: false,
  ...more,
});
const forms = [
  ...(["gaussian", "truncated-parabola", "biweight"] as const).flatMap((density) => [
    form({ density }),
    form({ density, affineBias: true }),
    form({ density, densityFrom: "moments" }),
    form({ density, densityCount: 3, affineBias: true }),
    form({ density, basis: "fourier" }),
  ]),
  ...(["rectangular", "fourier", "legendre", "bspline", "gaussian"] as const).flatMap((basis) => [
    form({ basis, densityCount: 2 }),
    form({ basis, density: "gibbs" }),
  ]),
  form({ basis: "bspline", densityFrom: "moments" }),
  form({ basis: "rectangular", densityFrom: "moments", density: "biweight" }),
];
const rng = createRng(21);
const input = (shape: number[]) => ({
  shape,
  values: uniforms(
    rng,
    shape.reduce((a, b) => a * b, 1),
    -1,
    1,
  ),
});
const tensorOf = ({ shape, values }: { shape: number[]; values: Float32Array }) => tf.tensor(values, shape);

describe.each(forms)(
  "continuousAttention, $densityCount $density from $densityFrom over $basis, bias $affineBias",
  (form) => {
    const own = { ...config, ...form };

    it("equals the paper's formulas in float64, score matrix and all", () => {
      const [batch, count] = [2, 5];
      const weights = shapesOf(own).map(input);
      const [queries, memory] = [
        input([batch, heads, count, headSize]),
        input([batch, basisCount, modelSize]),
      ];
      const plain = byName(
        weights.map(({ values }) => values),
        own,
      ) as unknown as ReferenceWeights;
      const context = new Float64Array(batch * count * modelSize);
      const [means, variances, penalties]: [number[], number[], number[]] = [[], [], []];
      for (let row = 0; row < batch * heads * count; row++) {
        const [b, head, place] = [
          Math.floor(row / count / heads),
          Math.floor(row / count) % heads,
          row % count,
        ];
        const read = referenceRead(own, plain, {
          head,
          query: queries.values.subarray(row * headSize, (row + 1) * headSize),
          memory: memory.values.subarray(b * basisCount * modelSize, (b + 1) * basisCount * modelSize),
        });
        means.push(read.mean);
        variances.push(read.variance);
        penalties.push(read.penalty);
        read.context.forEach((part, m) => {
          const at = (b * count + place) * modelSize + m;
          context[at] = (context[at] as number) + part;
        });
      }
      tf.tidy(() => {
        const got = continuousAttention(build(weights.map(tensorOf), own), own, {
          queries: tensorOf(queries) as tf.Tensor4D,
          coefficients: tensorOf(memory) as tf.Tensor3D,
        });
        expect(got.context.shape).toEqual([batch, count, modelSize]);
        expect(got.mean.shape).toEqual([batch, heads, count]);
        expectClose(got.mean.dataSync(), means, { abs: 1e-6, rel: 2e-6 });
        expectClose(got.variance.dataSync(), variances, { abs: 1e-6, rel: 2e-6 });
        expectClose(got.context.dataSync(), context, { abs: 1e-5, rel: 5e-6 });
        expectClose(got.penalty.dataSync(), penalties, { abs: 1e-4, rel: 1e-5 });
      });
    });

    it("equals finite differences in every parameter, in queries and in coefficients", () => {
      const small = { ...own, headSize: 2, modelSize: 2, basisCount: 4 };
      expectGradients(
        (...inputs) => {
          const [queries, coefficients] = inputs.slice(-2) as [tf.Tensor4D, tf.Tensor3D];
          const params = build(inputs.slice(0, -2), own);
          const { context, penalty } = continuousAttention(params, small, { queries, coefficients });
          return tf.concat([tf.reshape(context, [-1]), tf.mul(tf.reshape(penalty, [-1]), 0.01)]);
        },
        [...shapesOf(small), [2, 2, 2, 2], [2, 4, 2]].map(input),
      );
    });
  },
);

describe("continuousAttention", () => {
  it("gives each batch row what it gives it alone", () => {
    const weights = sizes.map(input);
    const [queries, memory] = [input([3, heads, 2, headSize]), input([3, basisCount, modelSize])];
    tf.tidy(() => {
      const params = build(weights.map(tensorOf));
      const [q, c] = [tensorOf(queries) as tf.Tensor4D, tensorOf(memory) as tf.Tensor3D];
      const all = continuousAttention(params, config, { queries: q, coefficients: c });
      for (let b = 0; b < 3; b++) {
        const row = <R extends tf.Rank>(x: tf.Tensor<R>) => tf.slice(x, b, 1);
        const alone = continuousAttention(params, config, { queries: row(q), coefficients: row(c) });
        expectClose(row(all.context).dataSync(), alone.context.dataSync(), { abs: 1e-6, rel: 1e-6 });
        expectClose(row(all.penalty).dataSync(), alone.penalty.dataSync(), { abs: 1e-5, rel: 1e-6 });
      }
    });
  });

  it("reads zeros from an empty memory, with densities in the middle", () => {
    tf.tidy(() => {
      const params = build(sizes.map(input).map(tensorOf));
      const queries = tensorOf(input([1, heads, 2, headSize])) as tf.Tensor4D;
      const got = continuousAttention(params, config, {
        queries,
        coefficients: tf.zeros([1, basisCount, modelSize]),
      });
      expectClose(got.context.dataSync(), new Float32Array(8), { abs: 0, rel: 0 });
      expectClose(got.mean.dataSync(), [0.5, 0.5, 0.5, 0.5], { abs: 1e-7 });
      expectClose(got.variance.dataSync(), Array(4).fill(Math.LN2), { abs: 1e-6 });
    });
  });

  it("leaves no tensors behind, also when it refuses", () => {
    const params = build(sizes.map(input).map(tensorOf));
    const queries = tensorOf(input([1, heads, 2, headSize])) as tf.Tensor4D;
    const coefficients = tensorOf(input([1, basisCount, modelSize])) as tf.Tensor3D;
    const before = tf.memory().numTensors;
    disposeTree(continuousAttention(params, config, { queries, coefficients }));
    expect(tf.memory().numTensors).toBe(before);
    const short = { ...config, basisCount: 6 };
    expect(() => continuousAttention(params, short, { queries, coefficients })).toThrow(
      "continuousAttention: coefficients must have shape [batch, basis = 6, model = 4], got [1, 8, 4]",
    );
    expect(() => continuousAttention(params, { ...config, heads: 3 }, { queries, coefficients })).toThrow(
      "queries must have shape [batch = 1, heads = 3, queries, headSize = 3], got [1, 2, 2, 3]",
    );
    const { keys, values, output } = params;
    expect(() => continuousAttention({ keys, values, output }, config, { queries, coefficients })).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG", path: "densityFrom" }),
    );
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([params, queries, coefficients]);
  });
});

describe("initContinuousAttention", () => {
  it("draws each parameter from its own stream, in the shapes of the configuration", () => {
    const a = initContinuousAttention(config, createRng(2));
    expect(leaves(a).map(({ path, tensor }) => [path, tensor.shape])).toEqual([
      ["keys.kernel", [4, 6]],
      ["values.kernel", [4, 6]],
      ["output.kernel", [6, 4]],
      ["mean", [8]],
      ["variance", [8]],
    ]);
    expect(countParameters(a)).toBe(3 * 24 + 16);
    expect(a.keys.kernel.dataSync()).not.toEqual(a.values.kernel.dataSync());
    const b = initContinuousAttention(config, createRng(2));
    leaves(a).forEach(({ tensor }, i) => {
      expect(tensor.dataSync()).toEqual(leaves(b)[i]?.tensor.dataSync());
    });
    disposeTree([a, b]);
  });

  it("has maps of every component of a mixture, and none where densities are free", () => {
    const mixed = initContinuousAttention({ ...config, densityCount: 3, affineBias: true }, createRng(2));
    const shapes = leaves(mixed).map(({ path, tensor }) => [path, tensor.shape]);
    expect(shapes.slice(3)).toEqual([
      ["mean", [3, 8]],
      ["variance", [3, 8]],
      ["share", [3, 8]],
      ["affineBias", [9]],
    ]);
    const free = initContinuousAttention({ ...config, ...form({ density: "gibbs" }) }, createRng(2));
    expect(leaves(free).length).toBe(3);
    disposeTree([mixed, free]);
  });

  it("adds biases of 0 where asked for, and no maps where densities come from moments", () => {
    const biased = initContinuousAttention({ ...config, affineBias: true }, createRng(2));
    expect([...(biased.affineBias as tf.Tensor).dataSync()]).toEqual([0, 0]);
    const plain = initContinuousAttention({ ...config, densityFrom: "moments" }, createRng(2));
    expect(leaves(plain).map(({ path }) => path)).toEqual(["keys.kernel", "values.kernel", "output.kernel"]);
    disposeTree([biased, plain]);
  });
});
