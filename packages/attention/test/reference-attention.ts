import {
  type Basis,
  basisFromSettings,
  basisMoments,
  expectedValues,
  gibbsDensity,
} from "@infinite-former/signal";
import type { ContinuousAttentionConfig } from "../src/index.js";

/** The parameters as plain numbers, row by row. */
export interface ReferenceWeights {
  readonly keys: ArrayLike<number>; // [model, heads · headSize]
  readonly values: ArrayLike<number>; // [model, heads · headSize]
  readonly output: ArrayLike<number>; // [heads · headSize, model]
  readonly mean?: ArrayLike<number>; // [basis] or [K, basis]
  readonly variance?: ArrayLike<number>; // [basis] or [K, basis]
  readonly share?: ArrayLike<number>; // [K, basis]
  readonly affineBias?: ArrayLike<number>; // [2] or [3K]
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
  const { heads, headSize, modelSize, basisCount } = config;
  const basis = basisFromSettings(config);
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
  const { mean, variance, penalty, expected: r } = density(config, weights, basis, scores);
  const context = new Float64Array(modelSize);
  for (let d = 0; d < headSize; d++) {
    let read = 0;
    for (let n = 0; n < basisCount; n++) if (r[n] !== 0) read += at(r, n) * project(weights.values, n, d);
    for (let m = 0; m < modelSize; m++) {
      context[m] = at(context, m) + read * at(weights.output, (head * headSize + d) * modelSize + m);
    }
  }
  return { mean, variance, penalty, context };
}

interface ReferenceDensity {
  readonly mean: number;
  readonly variance: number;
  readonly penalty: number;
  readonly expected: Float64Array; // [basis]
}

function density(
  config: ContinuousAttentionConfig,
  weights: ReferenceWeights,
  basis: Basis,
  scores: Float64Array,
): ReferenceDensity {
  if (config.density === "gibbs") {
    const { grid, probabilities: p, expected, divergence } = gibbsDensity(basis, scores);
    const mean = p.reduce((sum, q, g) => sum + q * at(grid.positions, g), 0);
    const variance = p.reduce((sum, q, g) => sum + q * (at(grid.positions, g) - mean) ** 2, 0);
    return { mean, variance, penalty: divergence, expected };
  }
  const family = config.density;
  const { densityCount: count } = config;
  const parts =
    config.densityFrom === "moments"
      ? [{ ...moments(scores, basis), share: 0 }]
      : Array.from({ length: count }, (_, k) => affine(config, weights, scores, k));
  const powers = parts.map(({ share }) => Math.exp(share));
  const total = powers.reduce((sum, power) => sum + power, 0);
  const over = (f: (part: (typeof parts)[0]) => number): number =>
    parts.reduce((sum, part, k) => sum + (at(powers, k) / total) * f(part), 0);
  const mean = over((part) => part.mean);
  const reads = parts.map(
    (part) => expectedValues(part.mean, Math.max(part.variance, 1e-30), basis, family).value,
  );
  return {
    mean,
    variance: over((part) => part.variance + (part.mean - mean) ** 2),
    penalty: over((part) => klOf(config, part)),
    expected: Float64Array.from(scores, (_, j) =>
      reads.reduce((sum, read, k) => sum + (at(powers, k) / total) * at(read, j), 0),
    ),
  };
}

function klOf(
  { priorWidth, priorMean }: ContinuousAttentionConfig,
  { mean, variance }: { readonly mean: number; readonly variance: number },
): number {
  const ratio = variance / priorWidth ** 2;
  const offset = priorMean === null ? 0 : (mean - priorMean) / priorWidth;
  return 0.5 * (ratio - Math.log(Math.max(ratio, smallestRatio)) - 1 + offset * offset);
}

function affine(
  { varianceFloor, densityCount: count }: ContinuousAttentionConfig,
  weights: ReferenceWeights,
  scores: Float64Array,
  k: number,
): { mean: number; variance: number; share: number } {
  const dot = (map: ArrayLike<number>): number =>
    scores.reduce((sum, score, n) => sum + score * at(map, k * scores.length + n), 0);
  const bias = (column: number): number =>
    weights.affineBias ? at(weights.affineBias, column * count + k) : 0;
  const x = dot(weights.mean as ArrayLike<number>) + bias(0);
  const y = dot(weights.variance as ArrayLike<number>) + bias(1);
  const share = weights.share ? dot(weights.share) + bias(2) : 0;
  const softplus = Math.max(y, 0) + Math.log1p(Math.exp(-Math.abs(y)));
  return { mean: 1 / (1 + Math.exp(-x)), variance: Math.max(softplus, varianceFloor), share };
}

/** Mean and variance of the mixture of basis functions under a softmax of the scores. */
function moments(scores: Float64Array, basis: Basis): { mean: number; variance: number } {
  const { centers, widths } = basisMoments(basis);
  const largest = scores.reduce((most, score) => Math.max(most, score));
  const powers = scores.map((score) => Math.exp(score - largest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  const mean = powers.reduce((sum, power, j) => sum + (power / total) * at(centers, j), 0);
  const variance = powers.reduce(
    (sum, power, j) => sum + (power / total) * ((at(centers, j) - mean) ** 2 + at(widths, j) ** 2),
    0,
  );
  return { mean, variance };
}
