import { ConfigError } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { AdaptiveConfig } from "./adaptive-config.js";

/** What the head has to predict, for all rows. */
interface HeadTargets<Integers, Numbers> {
  /** `[rows]`: the word, or after the last word of the head the place of its cluster. */
  readonly labels: Integers;
  /** `[rows]`: 0 where a position doesn't count. */
  readonly weights: Numbers;
}

/** What one further cluster has to predict; places filled up have row 0, label 0 and count 0. */
interface TailTargets<Integers, Numbers> {
  /** `[size]`: which of all rows. */
  readonly rows: Integers;
  /** `[size]`: the word, counted from the cluster's first. */
  readonly labels: Integers;
  /** `[size]`: 1, or 0 in places filled up. */
  readonly counts: Numbers;
}

/** Targets sorted into clusters. */
export interface ClusteredTargets<Integers, Numbers> {
  readonly head: HeadTargets<Integers, Numbers>;
  /** One for each cutoff. */
  readonly tails: readonly TailTargets<Integers, Numbers>[];
}

/** Plain arrays. */
export type ClusterTargets = ClusteredTargets<Int32Array, Float32Array>;

/** Tensors, int32 and float32. */
export type ClusterTensors = ClusteredTargets<tf.Tensor1D, tf.Tensor1D>;

/** Least size of a cluster's share of a batch. */
const LEAST = 64;

/**
 * Sorts the targets of a batch into clusters, on plain arrays: the shapes of a
 * compiled graph are fixed, so the rows of a cluster are filled up to the next
 * power of two from 64 on, and never beyond the number of all rows. A cluster
 * then has one or two sizes in nearly all batches of a text.
 *
 * @param config of the model.
 * @param targets token ids; any where the weight is 0.
 * @param weights ≥ 0, one each; all 1 by default.
 * @throws {ConfigError} `ERR_CONFIG` if the model has no clusters.
 * @throws {RangeError} if the lengths differ, or an id that counts is outside of the vocabulary.
 */
export function clusterTargets(
  config: { readonly vocabularySize: number; readonly adaptive: AdaptiveConfig | null },
  targets: ArrayLike<number>,
  weights?: ArrayLike<number>,
): ClusterTargets {
  const { vocabularySize, adaptive } = config;
  if (adaptive === null) {
    throw new ConfigError("adaptive", "clusterTargets: adaptive must be configured in the model, got null");
  }
  const { length } = targets;
  if (weights !== undefined && weights.length !== length) {
    throw new RangeError(`clusterTargets: weights must be ${length} as the targets, got ${weights.length}`);
  }
  const labels = new Int32Array(length);
  const all = new Float32Array(length);
  const [headWords, ...cuts] = adaptive.cutoffs as readonly [number, ...number[]];
  const ends = [...cuts, vocabularySize];
  const found = ends.map((): number[] => []);
  for (let row = 0; row < length; row++) {
    const weight = weights?.[row] ?? 1;
    if (weight === 0) continue;
    const id = targets[row] as number;
    if (!Number.isInteger(id) || id < 0 || id >= vocabularySize) {
      const range = `an integer in 0…${vocabularySize - 1}`;
      throw new RangeError(`clusterTargets: targets[${row}] must be ${range}, got ${id}`);
    }
    all[row] = weight;
    const tail = id < headWords ? -1 : ends.findIndex((end) => id < end);
    labels[row] = tail < 0 ? id : headWords + tail;
    found[tail]?.push(row);
  }
  const tails = found.map((rows, tail) => {
    const start = adaptive.cutoffs[tail] as number;
    const size = Math.min(length, Math.max(LEAST, 2 ** Math.ceil(Math.log2(rows.length))));
    const filled = <T extends Int32Array | Float32Array>(array: T, value: (row: number) => number): T => {
      array.set(rows.map(value));
      return array;
    };
    return {
      rows: filled(new Int32Array(size), (row) => row),
      labels: filled(new Int32Array(size), (row) => (targets[row] as number) - start),
      counts: new Float32Array(size).fill(1, 0, rows.length),
    };
  });
  return { head: { labels, weights: all }, tails };
}

/** The same as tensors that the caller owns: a batch of a training step. */
export function clusterTensors({ head, tails }: ClusterTargets): ClusterTensors {
  const integers = (values: Int32Array): tf.Tensor1D => tf.tensor1d(values, "int32");
  return {
    head: { labels: integers(head.labels), weights: tf.tensor1d(head.weights) },
    tails: tails.map(({ rows, labels, counts }) => ({
      rows: integers(rows),
      labels: integers(labels),
      counts: tf.tensor1d(counts),
    })),
  };
}
