import type {
  AttentionDensity,
  ContinuousAttentionConfig,
  ContinuousAttentionParams,
} from "@infinite-former/attention";
import { densityFromScores, densityReadOut, expectedBasis, scoreMaps } from "@infinite-former/attention";
import type { MemoryPlan } from "@infinite-former/memory";
import { batchMatMul, hasKernel, linear, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** A long-term memory made ready to be read by one query after another: what depends on no query is computed. */
export interface LongTermReadingTensors {
  /** `[batch, heads, headSize, 2]`: `W_Kᵀ (Bᵀ w)` for mean and variance, 3K of a mixture; `[…, basis]`, the keys, where densities come from moments or scores. */
  readonly directions: tf.Tensor4D;
  /** `[batch, heads, basis, headSize]` */
  readonly values: tf.Tensor4D;
  /** `[2]` or `[3K]`, added to the scores of the maps, where the configuration has it. */
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
  const { affineBias } = params;
  return tidyTree(() => {
    // Keys are linear in B: maps of the scores are mixed first.
    const maps = scoreMaps(params);
    const mixed = maps ? batchMatMul(tf.expandDims(maps, 0), coefficients) : coefficients;
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
  /** Of one query a row. */
  readonly density: AttentionDensity;
}

const fused = "InfiniteFormerDensityReading";

/**
 * Reads the memory with one query a row; the same numbers as `continuousAttention`.
 * On native TensorFlow's processor backend one kernel, where densities are single
 * normal ones from affine maps and functions Gaussian.
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
  const { density, densityFrom, densityCount } = config;
  const single = density === "gaussian" && densityFrom === "affine" && densityCount === 1;
  return tidyTree(() =>
    single && basis.kind === "gaussian" && hasKernel(fused)
      ? native(prepared, config, basis, queries, scale)
      : composed(prepared, config, basis, queries, scale),
  );
}

function native(
  { directions, values, affineBias: bias }: LongTermReadingTensors,
  { varianceFloor: floor }: ContinuousAttentionConfig,
  basis: Extract<MemoryPlan["basis"], { kind: "gaussian" }>,
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
  config: ContinuousAttentionConfig,
  basis: MemoryPlan["basis"],
  queries: tf.Tensor2D,
  scale: number,
): LongTermRead {
  const { heads, headSize } = config;
  const [batch] = queries.shape;
  const width = heads * headSize;
  const own = tf.reshape(tf.slice(queries, [0, 0], [batch, width]), [batch, heads, 1, headSize]);
  const products = tf.matMul(scale === 1 ? own : tf.mul(own, scale), directions);
  const scores = (affineBias === undefined ? products : tf.add(products, affineBias)) as tf.Tensor4D;
  const density = densityFromScores(config, basis, scores);
  const read = readOne(config, density, values, basis);
  return { context: tf.reshape(read, [batch, width]) as tf.Tensor2D, density };
}

/** `[batch, heads, 1, headSize]` or alike: what one query a row reads. */
function readOne(
  { density: family }: ContinuousAttentionConfig,
  density: AttentionDensity,
  values: tf.Tensor4D,
  basis: MemoryPlan["basis"],
): tf.Tensor {
  if (family !== "gibbs" && !density.components) {
    return tf.matMul(expectedBasis(density.mean, density.variance, basis, family), values);
  }
  return densityReadOut(family, density, tf.transpose(values, [0, 2, 1, 3]), basis);
}
