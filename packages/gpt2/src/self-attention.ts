import { additiveSoftmax, batchMatMul, linear } from "@infinite-former/tensor";
import type { DropoutSeeds } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { Gpt2AttentionParams } from "./params.js";
import type { Gpt2Cache } from "./state.js";

/** What one causal self-attention reads. */
export interface Gpt2AttentionInput {
  /** `[batch, count, model]`: the new rows, normed. */
  readonly x: tf.Tensor3D;
  /** Keys and values of the segment's earlier rows, or `null`. */
  readonly cache: Gpt2Cache | null;
  /** `[1, count, keys]` additive mask. */
  readonly mask: tf.Tensor3D;
  /** Number of heads; divides the width. */
  readonly heads: number;
  /** Multiplies the scores. */
  readonly scale: number;
  /** Dropout rate of the weights. */
  readonly dropout: number;
}

/** What it gives; all owned by the caller. */
export interface Gpt2AttentionOutput {
  /** `[batch, count, model]` after the output projection. */
  readonly context: tf.Tensor3D;
  /** `[batch, heads, count, headSize]`, without scale; the long-term memory is read with them. */
  readonly queries: tf.Tensor4D;
  /** Earlier rows and new ones. */
  readonly cache: Gpt2Cache;
}

/**
 * `softmax(scale · Q Kᵀ + mask) V` over the segment so far, all heads at once.
 *
 * @see Radford et al. (2019), "Language Models are Unsupervised Multitask Learners"
 */
export function selfAttention(
  params: Gpt2AttentionParams,
  input: Gpt2AttentionInput,
  seeds: DropoutSeeds,
): Gpt2AttentionOutput {
  const { x, cache, mask, heads, scale } = input;
  const [batch, count, model] = x.shape;
  const size = model / heads;
  const [context, queries, keys, values] = tf.tidy(() => {
    const all = tf.reshape(linear(params.projection, x), [batch, count, 3, heads, size]);
    const [q, k, v] = tf.unstack(tf.transpose(all, [2, 0, 3, 1, 4])) as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const allKeys = cache === null ? k : tf.concat([cache.keys, k], 2);
    const allValues = cache === null ? v : tf.concat([cache.values, v], 2);
    const scores = batchMatMul(tf.mul(q, scale), allKeys, false, true);
    const weights = seeds.drop(additiveSoftmax(scores, mask), input.dropout);
    const read = tf.transpose(batchMatMul(weights, allValues), [0, 2, 1, 3]);
    return [linear(params.output, tf.reshape(read, [batch, count, model])), q, allKeys, allValues];
  }) as [tf.Tensor3D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  return { context, queries, cache: { keys, values } };
}
