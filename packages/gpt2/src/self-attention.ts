import { linear } from "@infinite-former/tensor";
import { attentionCore, type DropoutSeeds } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { Gpt2AttentionParams } from "./params.js";
import type { Gpt2Cache } from "./state.js";

/** What one causal self-attention reads. */
export interface Gpt2AttentionInput {
  /** `[batch, count, model]`: the new rows, normed. */
  readonly x: tf.Tensor3D;
  /** Keys and values of the segment's earlier rows, or `null`. */
  readonly cache: Gpt2Cache | null;
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
 * `softmax(scale · Q Kᵀ) V` over the segment so far, each row seeing itself and
 * those before it, all heads at once; dropout on the weights.
 *
 * @see Radford et al. (2019), "Language Models are Unsupervised Multitask Learners"
 */
export function selfAttention(
  params: Gpt2AttentionParams,
  input: Gpt2AttentionInput,
  seeds: DropoutSeeds,
): Gpt2AttentionOutput {
  const { x, cache, heads, scale } = input;
  const [batch, count, model] = x.shape;
  const size = model / heads;
  const [context, queries, keys, values] = tf.tidy(() => {
    const all = tf.reshape(linear(params.projection, x), [batch, count, 3, heads, size]);
    const [own, added] = tf.split(all, [1, 2], 2) as [tf.Tensor5D, tf.Tensor5D];
    const asking: tf.Tensor4D = tf.reshape(own, [batch, count, heads, size]);
    const keysAndValues = cache === null ? added : tf.concat([rowsOf(cache), added], 1);
    const dropout = seeds.next(input.dropout);
    const read = attentionCore({ queries: asking, keysAndValues, scale, dropout });
    const [k, v] = tf.unstack(tf.transpose(keysAndValues, [2, 0, 3, 1, 4])) as [tf.Tensor4D, tf.Tensor4D];
    const projected = linear(params.output, tf.reshape(read, [batch, count, model]));
    return [projected, tf.transpose(asking, [0, 2, 1, 3]), k, v];
  }) as [tf.Tensor3D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  return { context, queries, cache: { keys, values } };
}

/** `[batch, rows, 2, heads, headSize]` */
function rowsOf({ keys, values }: Gpt2Cache): tf.Tensor5D {
  return tf.transpose(tf.stack([keys, values]) as tf.Tensor5D, [1, 3, 0, 2, 4]);
}
