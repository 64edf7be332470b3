import type { Rng } from "@infinite-former/random";
import type { LinearParams } from "@infinite-former/tensor";
import { initUniformLinear, linear } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { attentionCore } from "./attention-core.js";

/** Parameters of one attention of a Compressive Transformer. */
export interface CompressiveAttentionParams {
  /** `[model, heads·headSize]`, no bias. */
  readonly queries: LinearParams;
  /** `[model, 2·heads·headSize]`: keys, then values; no bias. */
  readonly keysAndValues: LinearParams;
  /** `[heads·headSize, model]` and `[model]` */
  readonly output: LinearParams;
}

/** New parameters, as PyTorch's defaults: everything uniform within ±1/√inputs. */
export function initCompressiveAttention(
  sizes: {
    readonly modelSize: number;
    readonly heads: number;
    readonly headSize: number;
  },
  rng: Rng,
): CompressiveAttentionParams {
  const { modelSize, heads, headSize } = sizes;
  const width = heads * headSize;
  const inner = { inputs: modelSize, bias: false };
  return {
    queries: initUniformLinear({ ...inner, outputs: width }, rng.split("queries")),
    keysAndValues: initUniformLinear({ ...inner, outputs: 2 * width }, rng.split("keysAndValues")),
    output: initUniformLinear({ inputs: width, outputs: modelSize }, rng.split("output")),
  };
}

/** What one attention reads. */
export interface CompressiveAttentionInput {
  /** `[batch, queries, model]`: the new rows. */
  readonly x: tf.Tensor3D;
  /** `[batch, keys, model]`: compressed memory, short-term memory, segment up to and with the new rows. */
  readonly context: tf.Tensor3D;
  /** `[keys, heads, headSize]` or `[batch, keys, heads, headSize]`: see `distanceRows`. */
  readonly positions: tf.Tensor3D | tf.Tensor4D;
  /** `[batch]` float32: the first key that each batch row sees; `null` where all rows see every one. */
  readonly first: tf.Tensor1D | null;
  readonly heads: number;
}

/**
 * Causal attention over compressed memory, short-term memory and segment,
 * `softmax((Q Kᵀ + Q P[distance]ᵀ)/√d) V`, with a learned vector P for
 * each distance and head.
 *
 * @returns `[batch, queries, model]`, owned by the caller. Differentiable in everything but `first`.
 * @see Rae et al. (2019), "Compressive Transformers", section 3, https://arxiv.org/abs/1911.05507
 */
export function compressiveAttention(
  params: CompressiveAttentionParams,
  input: CompressiveAttentionInput,
): tf.Tensor3D {
  const { x, context, positions, first, heads } = input;
  const [batch, count] = x.shape;
  const width = params.queries.kernel.shape[1];
  const size = width / heads;
  return tf.tidy(() => {
    const read = attentionCore({
      queries: tf.reshape(linear(params.queries, x), [batch, count, heads, size]),
      keysAndValues: tf.reshape(linear(params.keysAndValues, context), [batch, -1, 2, heads, size]),
      positions,
      ...(first === null ? {} : { first }),
      scale: 1 / Math.sqrt(size),
    });
    return linear(params.output, tf.reshape(read, [batch, count, width])) as tf.Tensor3D;
  });
}
