import { createRng, uniforms } from "@infinite-former/random";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { trial } from "@infinite-former/tooling-vitest/trial";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect } from "vitest";
import {
  type ContinuousAttentionConfig,
  type ContinuousAttentionParams,
  continuousAttention,
  resolveContinuousAttentionConfig,
} from "../src/index.js";
import { type ReferenceRead, type ReferenceWeights, referenceRead } from "./reference-attention.js";

/** From saturated sigmoids and softpluses that underflow to variances of ten thousand. */
const extremes = [-1e4, -100, -27, -4, 0, 0.5, 5, 30, 1e4];
const scores = extremes.flatMap((x) => extremes.map((y) => [x, y] as const));
const rng = createRng(401);
const sizes = { heads: 1, headSize: 4, modelSize: 2, basisWidths: [0.01, 0.05], priorMean: 0.5 };

const forms = (["gaussian", "truncated-parabola"] as const).flatMap((density) => [
  ...[0, 1e-12, 1e-6].map((varianceFloor) => ({ density, densityFrom: "affine" as const, varianceFloor })),
  { density, densityFrom: "moments" as const, varianceFloor: 0 },
]);

/**
 * Weights under which a query (x, y, 0, 0) has the scores x of the mean and y of
 * the variance, without any rounding: the first two functions alone carry the
 * maps, and their coefficients are 1 and 0. Under moments the scores of all functions are eighths of x and y.
 */
function exactWeights(basisCount: number, affine: boolean) {
  const unit = (at: number) => Float32Array.from({ length: basisCount }, (_, n) => (n === at ? 1 : 0));
  const eighths = uniforms(rng, basisCount * 2, -1, 1).map((x) => Math.round(8 * x) / 8);
  const memory = eighths.map((x, i) => (i < 4 ? ([1, 0, 0, 1][i] ?? 0) : x));
  const weights: ReferenceWeights = {
    keys: Float32Array.of(2, 0, 0, 0, 0, 2, 0, 0),
    values: uniforms(rng, 8, -1, 1),
    output: uniforms(rng, 8, -1, 1),
    ...(affine ? { mean: unit(0), variance: unit(1) } : {}),
  };
  return { weights, memory };
}

function tensors(weights: ReferenceWeights): ContinuousAttentionParams {
  const vector = (x: ArrayLike<number>): tf.Tensor1D => tf.tensor1d(Float32Array.from(x));
  const matrix = (x: ArrayLike<number>, shape: [number, number]): { kernel: tf.Tensor2D } => ({
    kernel: tf.tensor2d(Float32Array.from(x), shape),
  });
  return {
    keys: matrix(weights.keys, [2, 4]),
    values: matrix(weights.values, [2, 4]),
    output: matrix(weights.output, [4, 2]),
    ...(weights.mean ? { mean: vector(weights.mean) } : {}),
    ...(weights.variance ? { variance: vector(weights.variance) } : {}),
  };
}

type Output = ReturnType<typeof continuousAttention>;

/** Values, and the gradients of one number made of them by queries and coefficients. */
function run(
  config: ContinuousAttentionConfig,
  weights: ReferenceWeights,
  rows: readonly (readonly number[])[],
  memory: Float32Array,
) {
  return tf.tidy(() => {
    const queries = tf.tensor4d(rows.flat(), [1, 1, rows.length, 4]);
    const coefficients = tf.tensor3d(memory, [1, config.basisCount, 2]);
    const params = tensors(weights);
    const out = (q: tf.Tensor, c: tf.Tensor): Output =>
      continuousAttention(params, config, { queries: q as tf.Tensor4D, coefficients: c as tf.Tensor3D });
    const { context, mean, variance, penalty } = out(queries, coefficients);
    const gradients = (pick: (output: Output) => tf.Tensor): Float32Array[] =>
      tf
        .grads((q, c) => tf.sum(pick(out(q as tf.Tensor, c as tf.Tensor))))([queries, coefficients])
        .map((gradient) => (gradient as tf.Tensor).dataSync() as Float32Array);
    return {
      values: [mean, variance, penalty, context].map((x) => x.dataSync() as Float32Array),
      ofContext: gradients((output) => tf.mul(output.context, tf.tensor1d(cotangent))),
      ofPenalty: gradients((output) => output.penalty),
    };
  });
}

/** Weights of the context's two elements in the number whose gradient is taken. */
const cotangent = Float32Array.of(0.625, 0.875);

/** Four-point difference around 0. */
function slope(f: (offset: number) => number): number {
  const h = 1e-3;
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

describe.each(forms)("$density from $densityFrom, floor $varianceFloor", (form) => {
  const configOf = (basisCount: number) =>
    resolveContinuousAttentionConfig({ ...sizes, ...form, basisCount });
  const affine = form.densityFrom === "affine";
  const named = `${form.density} from ${form.densityFrom}, floor ${form.varianceFloor}`;

  const counts = form.varianceFloor === 0 ? [2, 16, 4096] : [2, 16];
  for (const basisCount of counts) {
    const fault = `σ² → 0 and ∞, μ at 0 and 1: ${named}, ${basisCount} functions`;
    trial({ number: 13, fault }, () => {
      const config = configOf(basisCount);
      const { weights, memory } = exactWeights(basisCount, affine);
      // Float64 takes long for thousands of functions: every seventh query then, and no differences.
      const small = basisCount <= 16;
      const chosen = small ? scores : scores.filter((_, i) => i % 7 === 0);
      const read = (x: number, y: number): ReferenceRead =>
        referenceRead(config, weights, { head: 0, query: [x, y, 0, 0], memory });
      const number = (x: number, y: number): number =>
        read(x, y).context.reduce((sum, part, m) => sum + part * (cotangent[m] as number), 0);
      const penalty = (x: number, y: number): number => read(x, y).penalty;
      const rows = chosen.map(([x, y]) => [x, y, 0, 0]);
      const { values, ofContext, ofPenalty } = run(config, weights, rows, memory);
      for (const gradient of [...ofContext, ...ofPenalty]) expect(gradient.every(Number.isFinite)).toBe(true);
      chosen.forEach(([x, y], i) => {
        const want = read(x, y);
        const check = (got: Float32Array | undefined, wanted: ArrayLike<number>, of: string, limit: object) =>
          expectClose(got?.subarray(i * wanted.length, (i + 1) * wanted.length) ?? [], wanted, {
            ...limit,
            name: `${of} at scores ${x}, ${y}`,
          });
        // wasm adds thousands of softmax weights one after another: a few units of 1e-7 more.
        check(values[0], [want.mean], "mean", { abs: 1e-7, rel: 5e-6 });
        check(values[1], [want.variance], "variance", { abs: 1e-36, rel: 5e-6 });
        check(values[2], [want.penalty], "penalty", { abs: 1e-5, rel: 5e-6 });
        // The context sums as many terms as there are functions, each with its own rounding.
        check(values[3], want.context, "context", { abs: 2e-5 + 2e-7 * basisCount, rel: 1e-5 });
        if (!small) return;
        const slopes = (f: (x: number, y: number) => number): number[] => [
          slope((d) => f(x + d, y)),
          slope((d) => f(x, y + d)),
          0, // the last two elements of a query meet zeros
          0,
        ];
        check(ofContext[0], slopes(number), "gradient of the context", { abs: 1e-4, rel: 1e-4 });
        check(ofPenalty[0], slopes(penalty), "gradient of the penalty", { abs: 1e-4, rel: 1e-4 });
      });
    });
  }

  trial({ number: 13, fault: `all scores equal: ${named}` }, () => {
    const config = configOf(16);
    const { weights } = exactWeights(16, affine);
    const memory = Float32Array.from({ length: 32 }, (_, i) => (i % 2 === 0 ? 0.5 : -0.25));
    const rows = [
      [1, 2, 0, 0],
      [0, 0, 0, 0],
    ];
    const { values, ofContext, ofPenalty } = run(config, weights, rows, memory);
    for (const gradient of [...ofContext, ...ofPenalty]) expect(gradient.every(Number.isFinite)).toBe(true);
    rows.forEach((query, i) => {
      const want = referenceRead(config, weights, { head: 0, query, memory });
      expectClose([values[1]?.[i] as number], [want.variance], { abs: 0, rel: 2e-6 });
      expectClose(values[3]?.subarray(2 * i, 2 * i + 2) ?? [], want.context, { abs: 1e-6, rel: 1e-5 });
    });
  });
});
