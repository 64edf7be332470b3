import type { Rng } from "@infinite-former/random";
import { type Basis, basisFromSettings } from "@infinite-former/signal";
import {
  assertShape,
  initLinear,
  initNormal,
  type LinearParams,
  linear,
  mapTree,
  tidyTree,
  zeros,
} from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { affineScores } from "./affine-scores.js";
import { basisScores } from "./basis-scores.js";
import type { ContinuousAttentionConfig } from "./config.js";
import type { AttentionDensity } from "./density.js";
import { densityFromScores } from "./density-from-scores.js";
import { densityPenalty } from "./density-penalty.js";
import { densityReadOut } from "./density-read-out.js";

/** Parameters of continuous attention. */
export interface ContinuousAttentionParams {
  readonly keys: LinearParams; // [model, heads · headSize], no bias
  readonly values: LinearParams; // [model, heads · headSize], no bias
  readonly output: LinearParams; // [heads · headSize, model], no bias
  /** `[basis]`, w_μ, or `[K, basis]` of a mixture; there where densities come from affine maps. */
  readonly mean?: tf.Tensor1D | tf.Tensor2D;
  /** `[basis]`, w_σ, or `[K, basis]`; with `mean`. */
  readonly variance?: tf.Tensor1D | tf.Tensor2D;
  /** `[K, basis]`: maps of the components' weights; there where K is above 1. */
  readonly share?: tf.Tensor2D;
  /** `[2]`, added to the scores of μ and of σ², or `[3K]`, shares last; present where `affineBias` is on. */
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
export interface ContinuousAttentionOutput extends AttentionDensity {
  /** `[batch, queries or rows, model]`, Z_LTM after the output projection. */
  readonly context: tf.Tensor3D;
  /** `[batch, heads, queries]`, see `densityPenalty`. */
  readonly penalty: tf.Tensor3D;
}

/**
 * Every parameter from N(0, .02²), as in the authors' code; biases 0.
 *
 * @param deviation of the kernels of keys, values and output in place of .02, from the number of their inputs.
 */
export function initContinuousAttention(
  config: ContinuousAttentionConfig,
  rng: Rng,
  deviation: (inputs: number) => number = () => 0.02,
): ContinuousAttentionParams {
  const { modelSize, affineBias, densityCount: count } = config;
  const inner = config.heads * config.headSize;
  const project = { inputs: modelSize, outputs: inner, bias: false, deviation: deviation(modelSize) };
  return {
    keys: initLinear(project, rng.split("keys")),
    values: initLinear(project, rng.split("values")),
    output: initLinear(
      { inputs: inner, outputs: modelSize, bias: false, deviation: deviation(inner) },
      rng.split("output"),
    ),
    ...(config.densityFrom === "affine" ? initMaps(config, rng) : {}),
    ...(affineBias ? { affineBias: zeros([count > 1 ? 3 * count : 2]) as tf.Tensor1D } : {}),
  };
}

function initMaps(
  { basisCount, densityCount: count }: ContinuousAttentionConfig,
  rng: Rng,
): Pick<ContinuousAttentionParams, "mean" | "variance" | "share"> {
  const map = (name: string): tf.Tensor2D =>
    initNormal(count > 1 ? [count, basisCount] : [basisCount], 0.02, rng.split(name)) as tf.Tensor2D;
  const both = { mean: map("mean"), variance: map("variance") };
  return count > 1 ? { ...both, share: map("share") } : both;
}

/**
 * Reads a continuous memory: each head of each query places a density over the
 * signal's positions and takes the expected value under it.
 *
 * Keys and values are linear in B. The density comes from affine maps of the
 * scores, from their moments or from themselves, and is of the family and the
 * basis configured. The read-out agrees with `expectedBasis` times values.
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
    const functions = basisFromSettings(config);
    const scores =
      config.densityFrom === "affine"
        ? affineScores(params, config, input)
        : basisScores(params, config, input);
    const density = densityFromScores(config, functions, scores);
    return {
      ...density,
      context: context(
        params,
        config,
        functions,
        lastQueries(density, input.rows),
        coefficients,
      ) as tf.Tensor3D,
      penalty: densityPenalty(config, functions, density),
    };
  });
}

/** The densities of the last `rows` queries. */
function lastQueries(density: AttentionDensity, rows?: number): AttentionDensity {
  const [batch, heads, queries] = density.mean.shape;
  if (rows === undefined || rows === queries) return density;
  return mapTree(density, (x) => {
    const rest = x.shape.slice(3);
    return tf.slice(x, [0, 0, queries - rows, ...rest.map(() => 0)], [batch, heads, rows, ...rest]);
  });
}

/** Expected values under the densities, heads joined and projected: `[batch, queries, model]`. */
function context(
  params: ContinuousAttentionParams,
  { heads, headSize, density: family }: ContinuousAttentionConfig,
  basis: Basis,
  density: AttentionDensity,
  coefficients: tf.Tensor3D,
): tf.Tensor {
  const [batch, , queries] = density.mean.shape;
  const values: tf.Tensor4D = tf.reshape(linear(params.values, coefficients), [batch, -1, heads, headSize]);
  const read = densityReadOut(family, density, values, basis);
  return linear(params.output, tf.reshape(read, [batch, queries, heads * headSize]));
}
