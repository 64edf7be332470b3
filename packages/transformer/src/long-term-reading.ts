import type {
  ContinuousAttentionConfig,
  ContinuousAttentionParams,
  Density,
} from "@infinite-former/attention";
import { affineDensity, expectedBasis, momentDensity } from "@infinite-former/attention";
import type { MemoryPlan } from "@infinite-former/memory";
import { batchMatMul, linear, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** A long-term memory made ready to be read by one query after another: what depends on no query is computed. */
export interface LongTermReadingTensors {
  /** `[batch, heads, headSize, 2]`: `W_Kᵀ (Bᵀ w)` for mean and variance; `[…, basis]`, the keys, where densities come from moments. */
  readonly directions: tf.Tensor4D;
  /** `[batch, heads, 1, 2 or basis]`, added to the scores. */
  readonly scoreBias: tf.Tensor4D;
  /** `[batch, heads, basis, headSize]` */
  readonly values: tf.Tensor4D;
}

/**
 * Reads that a memory makes the same for every query of a segment.
 *
 * @param coefficients `[batch, basis, model]`, B.
 * @param queryBias `[heads, headSize]`: what the queries will hold on top of the scaled projection; its scores are
 *   taken off again.
 * @returns owned by the caller.
 */
export function prepareLongTermReading(
  params: ContinuousAttentionParams,
  { heads, headSize, basisCount, modelSize }: ContinuousAttentionConfig,
  coefficients: tf.Tensor3D,
  queryBias: tf.Tensor2D | null,
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
    const directions: tf.Tensor4D = tf.transpose(
      tf.reshape(rows, [batch, count, heads, headSize]),
      [0, 2, 3, 1],
    );
    const values = tf.reshape(linear(params.values, coefficients), [batch, basisCount, heads, headSize]);
    const taken =
      queryBias === null
        ? tf.zeros([batch, heads, 1, count])
        : tf.neg(batchMatMul(tf.reshape(queryBias, [1, heads, 1, headSize]), directions));
    return {
      directions,
      scoreBias: (affineBias ? tf.add(taken, affineBias) : taken) as tf.Tensor4D,
      values: tf.transpose(values, [0, 2, 1, 3]) as tf.Tensor4D,
    };
  });
}

/** What one query a row reads; owned by the caller. */
export interface LongTermRead {
  /** `[batch, heads·headSize]`, before the output projection. */
  readonly context: tf.Tensor2D;
  /** `[batch, heads, 1]` each. */
  readonly density: Density;
}

/**
 * Reads the memory with one query a row; the same numbers as `continuousAttention`.
 *
 * @param queries `[batch, heads, 1, headSize]`, scaled by 1/√headSize, with the bias that was prepared for.
 */
export function readLongTerm(
  { directions, scoreBias, values }: LongTermReadingTensors,
  config: ContinuousAttentionConfig,
  basis: MemoryPlan["basis"],
  queries: tf.Tensor4D,
): LongTermRead {
  const { heads, headSize, density: family, densityFrom, varianceFloor } = config;
  const [batch] = queries.shape;
  return tidyTree(() => {
    const scores = tf.add(tf.matMul(queries, directions), scoreBias) as tf.Tensor4D;
    const column = (index: number): tf.Tensor3D =>
      tf.reshape(tf.slice(scores, [0, 0, 0, index], [batch, heads, 1, 1]), [batch, heads, 1]);
    const density =
      densityFrom === "affine"
        ? affineDensity({ meanScores: column(0), varianceScores: column(1), varianceFloor })
        : momentDensity(scores, basis);
    const expected = expectedBasis(density.mean, density.variance, basis, family);
    const context = tf.reshape(tf.matMul(expected, values), [batch, heads * headSize]) as tf.Tensor2D;
    return { context, density };
  });
}
