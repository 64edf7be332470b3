import type { Rng } from "@infinite-former/random";
import { type GaussianBasis, gaussianBasis } from "@infinite-former/signal";
import {
  assertShape,
  initLinear,
  initNormal,
  type LinearParams,
  linear,
  tidyTree,
  zeros,
} from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { affineDensity } from "./affine-density.js";
import { affineScores } from "./affine-scores.js";
import { basisGrid } from "./basis-grid.js";
import { basisScores } from "./basis-scores.js";
import type { ContinuousAttentionConfig } from "./config.js";
import type { Density } from "./density.js";
import { klToPrior } from "./kl.js";
import { momentDensity } from "./moment-density.js";
import { readOut } from "./read-out.js";

/** Parameters of continuous attention. */
export interface ContinuousAttentionParams {
  readonly keys: LinearParams; // [model, heads · headSize], no bias
  readonly values: LinearParams; // [model, heads · headSize], no bias
  readonly output: LinearParams; // [heads · headSize, model], no bias
  /** `[basis]`, w_μ; absent where densities come from moments. */
  readonly mean?: tf.Tensor1D;
  /** `[basis]`, w_σ; absent where densities come from moments. */
  readonly variance?: tf.Tensor1D;
  /** `[2]`, added to the scores of μ and of σ²; present where `affineBias` is on. */
  readonly affineBias?: tf.Tensor1D;
}

/** The memory as a signal, and who asks it. */
export interface ContinuousAttentionInput {
  /** `[batch, heads, queries, headSize]`, not yet scaled by 1/√headSize. */
  readonly queries: tf.Tensor4D;
  /** `[batch, basis, model]`, B of the long-term memory. */
  readonly coefficients: tf.Tensor3D;
  /** How many of the last queries need a context; all by default. Densities are those of all queries. */
  readonly rows?: number;
}

/** What continuous attention gives; owned by the caller. */
export interface ContinuousAttentionOutput {
  /** `[batch, queries or rows, model]`, Z_LTM after the output projection. */
  readonly context: tf.Tensor3D;
  /** `[batch, heads, queries]`, μ of each density. */
  readonly mean: tf.Tensor3D;
  /** `[batch, heads, queries]`, σ² of each density, after the floor. */
  readonly variance: tf.Tensor3D;
  /** `[batch, heads, queries]`, KL of each density to the prior. */
  readonly penalty: tf.Tensor3D;
}

/** Every parameter from N(0, .02²), as in the authors' code; biases 0. */
export function initContinuousAttention(
  config: ContinuousAttentionConfig,
  rng: Rng,
): ContinuousAttentionParams {
  const { modelSize, basisCount, affineBias } = config;
  const inner = config.heads * config.headSize;
  const project = { inputs: modelSize, outputs: inner, bias: false };
  return {
    keys: initLinear(project, rng.split("keys")),
    values: initLinear(project, rng.split("values")),
    output: initLinear({ inputs: inner, outputs: modelSize, bias: false }, rng.split("output")),
    ...(config.densityFrom === "affine"
      ? {
          mean: initNormal([basisCount], 0.02, rng.split("mean")) as tf.Tensor1D,
          variance: initNormal([basisCount], 0.02, rng.split("variance")) as tf.Tensor1D,
        }
      : {}),
    ...(affineBias ? { affineBias: zeros([2]) as tf.Tensor1D } : {}),
  };
}

/**
 * Reads a continuous memory: each head of each query places a density over the
 * signal's positions and takes the expected value under it.
 *
 * Keys and values are linear in B. The density comes from affine maps of the
 * scores or from their moments, and is a Gaussian or a truncated parabola, as
 * configured. The read-out agrees with `expectedBasis` times values.
 *
 * @param config resolved; not checked again.
 * @returns see `ContinuousAttentionOutput`. Differentiable in parameters, queries and coefficients.
 * @throws {ShapeError} `ERR_SHAPE` if queries or coefficients do not fit the configuration;
 *   {ConfigError} `ERR_CONFIG` if it asks for affine maps that the parameters lack.
 * @see Martins, Marinho & Martins (2022), section 3.1, https://arxiv.org/abs/2109.00301
 */
export function continuousAttention(
  params: ContinuousAttentionParams,
  config: ContinuousAttentionConfig,
  input: ContinuousAttentionInput,
): ContinuousAttentionOutput {
  const { heads, headSize, basisCount: basis, modelSize: model } = config;
  const { coefficients, queries } = input;
  const { batch } = assertShape(
    "continuousAttention",
    "coefficients",
    coefficients,
    "[batch, basis, model]",
    {
      basis,
      model,
    },
  );
  assertShape("continuousAttention", "queries", queries, "[batch, heads, queries, headSize]", {
    batch,
    heads,
    headSize,
  });
  return tidyTree(() => {
    const functions = gaussianBasis({ count: basis, widths: config.basisWidths });
    const { mean, variance } =
      config.densityFrom === "affine"
        ? affineDensity({ ...affineScores(params, config, input), varianceFloor: config.varianceFloor })
        : momentDensity(basisScores(params, config, input), functions);
    const { priorWidth, priorMean } = config;
    const read = { mean: lastQueries(mean, input.rows), variance: lastQueries(variance, input.rows) };
    return {
      context: context(params, config, functions, read, coefficients) as tf.Tensor3D,
      mean: mean as tf.Tensor3D,
      variance: variance as tf.Tensor3D,
      penalty: klToPrior({ mean, variance, priorWidth, priorMean }) as tf.Tensor3D,
    };
  });
}

/** The last `rows` of `[batch, heads, queries]`. */
function lastQueries(x: tf.Tensor, rows?: number): tf.Tensor {
  const [batch, heads, queries] = x.shape as [number, number, number];
  if (rows === undefined || rows === queries) return x;
  return tf.slice(x, [0, 0, queries - rows], [batch, heads, rows]);
}

/** Expected values under the densities, heads joined and projected: `[batch, queries, model]`. */
function context(
  params: ContinuousAttentionParams,
  { heads, headSize, basisWidths, density }: ContinuousAttentionConfig,
  basis: GaussianBasis,
  { mean, variance }: Density,
  coefficients: tf.Tensor3D,
): tf.Tensor {
  const [batch, , queries] = mean.shape as [number, number, number];
  const values: tf.Tensor4D = tf.reshape(linear(params.values, coefficients), [batch, -1, heads, headSize]);
  const grid = basisGrid(basis, basisWidths.length);
  const read = readOut(density, mean as tf.Tensor3D, variance as tf.Tensor3D, values, grid);
  return linear(params.output, tf.reshape(read, [batch, queries, heads * headSize]));
}
