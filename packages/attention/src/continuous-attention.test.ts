import { createRng, uniforms } from "@infinite-former/random";
import { expectedGaussianBasis, gaussianBasis, klToPrior } from "@infinite-former/signal";
import { countParameters, disposeTree, leaves } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
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
const inner = heads * headSize;
/** Shapes of keys, values, output, mean and variance. */
const sizes = [[modelSize, inner], [modelSize, inner], [inner, modelSize], [basisCount], [basisCount]];
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
const build = ([keys, values, output, mean, variance]: tf.Tensor[]): ContinuousAttentionParams => ({
  keys: { kernel: keys as tf.Tensor2D },
  values: { kernel: values as tf.Tensor2D },
  output: { kernel: output as tf.Tensor2D },
  mean: mean as tf.Tensor1D,
  variance: variance as tf.Tensor1D,
});

/** The paper's formulas, one query at a time in float64, with the score of every basis function. */
function oracle(
  weights: Float32Array[],
  queries: Float32Array,
  memory: Float32Array,
  batch: number,
  count: number,
) {
  const [wk, wv, wo, wm, ws] = weights as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const basis = gaussianBasis({ count: basisCount, widths: config.basisWidths });
  const at = (data: Float32Array, i: number) => data[i] as number;
  const project = (kernel: Float32Array, b: number, n: number, column: number) => {
    let sum = 0;
    for (let m = 0; m < modelSize; m++)
      sum += at(memory, (b * basisCount + n) * modelSize + m) * at(kernel, m * inner + column);
    return sum;
  };
  const context = new Float64Array(batch * count * modelSize);
  const [means, variances, penalties]: number[][] = [[], [], []];
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      for (let q = 0; q < count; q++) {
        let [meanScore, varianceScore] = [0, 0];
        for (let n = 0; n < basisCount; n++) {
          let score = 0;
          for (let d = 0; d < headSize; d++) {
            score +=
              at(queries, ((b * heads + h) * count + q) * headSize + d) * project(wk, b, n, h * headSize + d);
          }
          meanScore += (score / Math.sqrt(headSize)) * at(wm, n);
          varianceScore += (score / Math.sqrt(headSize)) * at(ws, n);
        }
        const mean = 1 / (1 + Math.exp(-meanScore));
        const variance = Math.max(Math.log1p(Math.exp(varianceScore)), config.varianceFloor);
        means?.push(mean);
        variances?.push(variance);
        penalties?.push(
          klToPrior({ mean, variance, priorWidth: config.priorWidth, priorMean: config.priorMean }).value,
        );
        const r = expectedGaussianBasis(mean, variance, basis).value;
        for (let d = 0; d < headSize; d++) {
          let read = 0;
          for (let n = 0; n < basisCount; n++)
            read += at(r as unknown as Float32Array, n) * project(wv, b, n, h * headSize + d);
          for (let m = 0; m < modelSize; m++) {
            const place = (b * count + q) * modelSize + m;
            context[place] = (context[place] as number) + read * at(wo, (h * headSize + d) * modelSize + m);
          }
        }
      }
    }
  }
  return { context, means, variances, penalties };
}

const tensorOf = ({ shape, values }: { shape: number[]; values: Float32Array }) => tf.tensor(values, shape);

describe("continuousAttention", () => {
  it("equals the paper's formulas in float64, score matrix and all", () => {
    const [batch, count] = [3, 5];
    const weights = sizes.map(input);
    const [queries, memory] = [input([batch, heads, count, headSize]), input([batch, basisCount, modelSize])];
    const want = oracle(
      weights.map(({ values }) => values),
      queries.values,
      memory.values,
      batch,
      count,
    );
    tf.tidy(() => {
      const got = continuousAttention(build(weights.map(tensorOf)), config, {
        queries: tensorOf(queries) as tf.Tensor4D,
        coefficients: tensorOf(memory) as tf.Tensor3D,
      });
      expect(got.context.shape).toEqual([batch, count, modelSize]);
      expect(got.mean.shape).toEqual([batch, heads, count]);
      expectClose(got.mean.dataSync(), want.means as number[], { abs: 1e-6, rel: 2e-6 });
      expectClose(got.variance.dataSync(), want.variances as number[], { abs: 1e-6, rel: 2e-6 });
      expectClose(got.context.dataSync(), want.context, { abs: 1e-5, rel: 5e-6 });
      expectClose(got.penalty.dataSync(), want.penalties as number[], { abs: 1e-4, rel: 1e-5 });
    });
  });

  it("equals finite differences in every parameter, in queries and in coefficients", () => {
    const small = { ...config, headSize: 2, modelSize: 2, basisCount: 4 };
    expectGradients(
      (...inputs) => {
        const [queries, coefficients] = inputs.slice(-2) as [tf.Tensor4D, tf.Tensor3D];
        const { context, penalty } = continuousAttention(build(inputs.slice(0, -2)), small, {
          queries,
          coefficients,
        });
        return tf.concat([tf.reshape(context, [-1]), tf.mul(tf.reshape(penalty, [-1]), 0.01)]);
      },
      [[2, 4], [2, 4], [4, 2], [4], [4], [2, 2, 2, 2], [2, 4, 2]].map(input),
    );
  });

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
});
