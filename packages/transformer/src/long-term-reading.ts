import type { ContinuousAttentionConfig, ContinuousAttentionParams } from "@infinite-former/attention";
import { affineDensity, expectedBasis, momentDensity } from "@infinite-former/attention";
import type { MemoryPlan } from "@infinite-former/memory";
import { batchMatMul, hasKernel, linear, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** A long-term memory made ready to be read by one query after another: what depends on no query is computed. */
export interface LongTermReadingTensors {
  /** `[batch, heads, headSize, 2]`: `W_Kᵀ (Bᵀ w)` for mean and variance; `[…, basis]`, the keys, where densities come from moments. */
  readonly directions: tf.Tensor4D;
  /** `[batch, heads, basis, headSize]` */
  readonly values: tf.Tensor4D;
  /** `[2]`, added to the scores of mean and variance, where the configuration has it. */
  readonly affineBias?: tf.Tensor1D;
}

/**
 * Reads that a memory makes the same for every query of a segment.
 *
 * @param coefficients `[batch, basis, model]`, B.
 * @returns owned by the caller.
 */
export function prepareLongTermReading(
  params: ContinuousAttentionParams,
  { heads, headSize, basisCount, modelSize }: ContinuousAttentionConfig,
  coefficients: tf.Tensor3D,
): LongTermReadingTensors {
  const [batch] = coefficients.shape;
  const { mean, variance, affineBias } = params;
  return tidyTree(() => {
    // Keys are linear in B: maps of the scores are mixed first.
    const mixed =
      mean && variance
        ? batchMatMul(tf.expandDims(tf.stack([mean, variance]), 0), coefficients)
        : coefficients;
    const count = mixed.shape[1] as number;
    const rows = linear(params.keys, tf.reshape(mixed, [batch * count, modelSize]));
    const values = tf.reshape(linear(params.values, coefficients), [batch, basisCount, heads, headSize]);
    return {
      directions: tf.transpose(
        tf.reshape(rows, [batch, count, heads, headSize]),
        [0, 2, 3, 1],
      ) as tf.Tensor4D,
      values: tf.transpose(values, [0, 2, 1, 3]) as tf.Tensor4D,
      ...(affineBias === undefined ? {} : { affineBias: tf.clone(affineBias) }),
    };
  });
}

/** What one query a row reads; owned by the caller. */
export interface LongTermRead {
  /** `[batch, heads·headSize]`, before the output projection. */
  readonly context: tf.Tensor2D;
  /** `[batch, heads, 1]` each. */
  readonly density: { readonly mean: tf.Tensor3D; readonly variance: tf.Tensor3D };
}

const fused = "InfiniteFormerDensityReading";

/**
 * Reads the memory with one query a row; the same numbers as `continuousAttention`.
 * On native TensorFlow's processor backend one kernel, where densities are normal
 * and from affine maps.
 *
 * @param queries `[batch, heads·headSize or more]`: the queries in the first columns.
 * @param scale times the queries: 1/√headSize, or 1 where they have it.
 */
export function readLongTerm(
  prepared: LongTermReadingTensors,
  config: ContinuousAttentionConfig,
  basis: MemoryPlan["basis"],
  queries: tf.Tensor2D,
  scale: number,
): LongTermRead {
  const kernel = config.density === "gaussian" && config.densityFrom === "affine" && hasKernel(fused);
  return tidyTree(() => (kernel ? native : composed)(prepared, config, basis, queries, scale));
}

function native(
  { directions, values, affineBias: bias }: LongTermReadingTensors,
  { varianceFloor: floor }: ContinuousAttentionConfig,
  basis: MemoryPlan["basis"],
  queries: tf.Tensor2D,
  scale: number,
): LongTermRead {
  const [centers, widths] = [basis.centers, basis.widths].map((x) => tf.tensor1d(Float32Array.from(x)));
  const given = {
    queries,
    directions,
    values,
    centers,
    widths,
    ...(bias ? { bias } : {}),
  } as tf.NamedTensorMap;
  const [context, mean, variance] = tf.engine().runKernel(fused, given, { scale, floor }) as [
    tf.Tensor2D,
    tf.Tensor3D,
    tf.Tensor3D,
  ];
  return { context, density: { mean, variance } };
}

function composed(
  { directions, values, affineBias }: LongTermReadingTensors,
  { heads, headSize, density: family, densityFrom, varianceFloor }: ContinuousAttentionConfig,
  basis: MemoryPlan["basis"],
  queries: tf.Tensor2D,
  scale: number,
): LongTermRead {
  const [batch] = queries.shape;
  const width = heads * headSize;
  const own = tf.reshape(tf.slice(queries, [0, 0], [batch, width]), [batch, heads, 1, headSize]);
  const products = tf.matMul(scale === 1 ? own : tf.mul(own, scale), directions);
  const scores = affineBias === undefined ? products : tf.add(products, affineBias);
  const column = (index: number): tf.Tensor3D =>
    tf.reshape(tf.slice(scores, [0, 0, 0, index], [batch, heads, 1, 1]), [batch, heads, 1]);
  const density =
    densityFrom === "affine"
      ? affineDensity({ meanScores: column(0), varianceScores: column(1), varianceFloor })
      : momentDensity(scores, basis);
  const expected = expectedBasis(density.mean, density.variance, basis, family);
  return {
    context: tf.reshape(tf.matMul(expected, values), [batch, width]) as tf.Tensor2D,
    density: density as LongTermRead["density"],
  };
}
