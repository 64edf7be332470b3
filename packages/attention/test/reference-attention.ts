import {
  expectedGaussianBasis,
  expectedParabolaBasis,
  type GaussianBasis,
  gaussianBasis,
} from "@infinite-former/signal";
import type { ContinuousAttentionConfig } from "../src/index.js";

/** The parameters as plain numbers, row by row. */
export interface ReferenceWeights {
  readonly keys: ArrayLike<number>; // [model, heads · headSize]
  readonly values: ArrayLike<number>; // [model, heads · headSize]
  readonly output: ArrayLike<number>; // [heads · headSize, model]
  readonly mean?: ArrayLike<number>; // [basis]
  readonly variance?: ArrayLike<number>; // [basis]
  readonly affineBias?: ArrayLike<number>; // [2]
}

/** One query of one head over one memory, in float64. */
export interface ReferenceQuery {
  readonly head: number;
  readonly query: ArrayLike<number>; // [headSize]
  readonly memory: ArrayLike<number>; // [basis, model]
}

/** What that query contributes. */
export interface ReferenceRead {
  readonly mean: number;
  readonly variance: number;
  readonly penalty: number;
  /** `[model]`, this head's part of the context. */
  readonly context: Float64Array;
}

const at = (data: ArrayLike<number>, i: number): number => data[i] as number;

/** The logarithm of the penalty holds σ²/σ₀² here. */
const smallestRatio = 1e-30;

/** The paper's formulas, score of every basis function and all. */
export function referenceRead(
  config: ContinuousAttentionConfig,
  weights: ReferenceWeights,
  { head, query, memory }: ReferenceQuery,
): ReferenceRead {
  const { heads, headSize, modelSize, basisCount, priorWidth, priorMean } = config;
  const basis = gaussianBasis({ count: basisCount, widths: config.basisWidths });
  const inner = heads * headSize;
  const project = (kernel: ArrayLike<number>, n: number, d: number): number => {
    let sum = 0;
    for (let m = 0; m < modelSize; m++) {
      sum += at(memory, n * modelSize + m) * at(kernel, m * inner + head * headSize + d);
    }
    return sum;
  };
  const scores = Float64Array.from({ length: basisCount }, (_, n) => {
    let sum = 0;
    for (let d = 0; d < headSize; d++) sum += at(query, d) * project(weights.keys, n, d);
    return sum / Math.sqrt(headSize);
  });
  const { mean, variance } =
    config.densityFrom === "affine" ? affine(config, weights, scores) : moments(scores, basis);
  const expected = config.density === "gaussian" ? expectedGaussianBasis : expectedParabolaBasis;
  const r = expected(mean, Math.max(variance, 1e-30), basis).value;
  const context = new Float64Array(modelSize);
  for (let d = 0; d < headSize; d++) {
    let read = 0;
    for (let n = 0; n < basisCount; n++) if (r[n] !== 0) read += at(r, n) * project(weights.values, n, d);
    for (let m = 0; m < modelSize; m++) {
      context[m] = at(context, m) + read * at(weights.output, (head * headSize + d) * modelSize + m);
    }
  }
  const ratio = variance / priorWidth ** 2;
  const offset = priorMean === null ? 0 : (mean - priorMean) / priorWidth;
  const penalty = 0.5 * (ratio - Math.log(Math.max(ratio, smallestRatio)) - 1 + offset * offset);
  return { mean, variance, penalty, context };
}

function affine(
  { varianceFloor }: ContinuousAttentionConfig,
  weights: ReferenceWeights,
  scores: Float64Array,
): { mean: number; variance: number } {
  const dot = (map: ArrayLike<number>): number =>
    scores.reduce((sum, score, n) => sum + score * at(map, n), 0);
  const [meanBias, varianceBias] = weights.affineBias
    ? [at(weights.affineBias, 0), at(weights.affineBias, 1)]
    : [0, 0];
  const x = dot(weights.mean as ArrayLike<number>) + meanBias;
  const y = dot(weights.variance as ArrayLike<number>) + varianceBias;
  const softplus = Math.max(y, 0) + Math.log1p(Math.exp(-Math.abs(y)));
  return { mean: 1 / (1 + Math.exp(-x)), variance: Math.max(softplus, varianceFloor) };
}

/** Mean and variance of the mixture of basis functions under a softmax of the scores. */
function moments(scores: Float64Array, basis: GaussianBasis): { mean: number; variance: number } {
  const largest = scores.reduce((most, score) => Math.max(most, score));
  const powers = scores.map((score) => Math.exp(score - largest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  const mean = powers.reduce((sum, power, j) => sum + (power / total) * at(basis.centers, j), 0);
  const variance = powers.reduce(
    (sum, power, j) =>
      sum + (power / total) * ((at(basis.centers, j) - mean) ** 2 + at(basis.widths, j) ** 2),
    0,
  );
  return { mean, variance };
}
