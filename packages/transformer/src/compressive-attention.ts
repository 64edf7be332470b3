import type { Rng } from "@infinite-former/random";
import type { LinearParams } from "@infinite-former/tensor";
import { initLinear, linear } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { joinHeads, projectKeysAndValues, splitHeads } from "./heads.js";
import { relativeAttention } from "./relative-attention.js";

/** Parameters of one attention of a Compressive Transformer. */
export interface CompressiveAttentionParams {
  /** `[model, heads·headSize]`, no bias. */
  readonly queries: LinearParams;
  /** `[model, 2·heads·headSize]`: keys, then values; no bias. */
  readonly keysAndValues: LinearParams;
  /** `[heads·headSize, model]` and `[model]` */
  readonly output: LinearParams;
}

/** New parameters: kernels N(0, .02²), the output's N(0, outputDeviation²), its bias 0. */
export function initCompressiveAttention(
  sizes: {
    readonly modelSize: number;
    readonly heads: number;
    readonly headSize: number;
    readonly outputDeviation?: number;
  },
  rng: Rng,
): CompressiveAttentionParams {
  const { modelSize, heads, headSize, outputDeviation = 0.02 } = sizes;
  const width = heads * headSize;
  const inner = { inputs: modelSize, bias: false };
  return {
    queries: initLinear({ ...inner, outputs: width }, rng.split("queries")),
    keysAndValues: initLinear({ ...inner, outputs: 2 * width }, rng.split("keysAndValues")),
    output: initLinear(
      { inputs: width, outputs: modelSize, deviation: outputDeviation },
      rng.split("output"),
    ),
  };
}

/** What one attention reads. */
export interface CompressiveAttentionInput {
  /** `[batch, queries, model]`: the new rows. */
  readonly x: tf.Tensor3D;
  /** `[batch, keys, model]`: compressed memory, short-term memory, segment up to and with the new rows. */
  readonly context: tf.Tensor3D;
  /** `[heads, keys + 1, headSize]` or `[heads, batch, keys + 1, headSize]`: see `distanceRows`. */
  readonly positions: tf.Tensor3D | tf.Tensor4D;
  /** `[1 or batch, queries, keys]` additive mask. */
  readonly mask: tf.Tensor3D;
  readonly heads: number;
}

/**
 * Causal attention over compressed memory, short-term memory and segment,
 * `softmax((Q Kᵀ + Q P[distance]ᵀ)/√d + mask) V`, with a learned vector P for
 * each distance and head.
 *
 * @returns `[batch, queries, model]`, owned by the caller. Differentiable in everything but the mask.
 * @see Rae et al. (2019), "Compressive Transformers", section 3, https://arxiv.org/abs/1911.05507
 */
export function compressiveAttention(
  params: CompressiveAttentionParams,
  input: CompressiveAttentionInput,
): tf.Tensor3D {
  const { x, context, positions, mask, heads } = input;
  return tf.tidy(() => {
    const queries = splitHeads(linear(params.queries, x), heads);
    const scaled: tf.Tensor4D = tf.mul(queries, 1 / Math.sqrt(queries.shape[3]));
    const { keys, values } = projectKeysAndValues(params.keysAndValues, context, heads);
    const read = relativeAttention({
      contentQueries: scaled,
      positionQueries: scaled,
      keys,
      values,
      positions,
      mask,
    });
    return linear(params.output, joinHeads(read)) as tf.Tensor3D;
  });
}
