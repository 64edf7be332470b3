import type { Rng } from "@infinite-former/random";
import type { LinearParams } from "@infinite-former/tensor";
import { initLinear, linear } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { attentionCore } from "./attention-core.js";

/** Parameters of one relative self-attention; no biases, as in the authors' code. */
export interface SelfAttentionParams {
  /** `[model, heads·headSize]` */
  readonly queries: LinearParams;
  /** `[model, 2·heads·headSize]`: keys, then values. */
  readonly keysAndValues: LinearParams;
  /** `[model, heads·headSize]`: distances to keys. */
  readonly positions: LinearParams;
  /** `[heads·headSize, model]` */
  readonly output: LinearParams;
}

/** The biases u and v of Transformer-XL, shared by all layers. */
export interface PositionBiases {
  /** `[heads, headSize]`, u: added to queries that meet keys. */
  readonly content: tf.Tensor2D;
  /** `[heads, headSize]`, v: added to queries that meet distances. */
  readonly position: tf.Tensor2D;
}

/** New parameters, N(0, deviation²); the output projection N(0, outputDeviation²). Both .02 by default. */
export function initSelfAttention(
  sizes: {
    readonly modelSize: number;
    readonly heads: number;
    readonly headSize: number;
    readonly deviation?: number;
    readonly outputDeviation?: number;
  },
  rng: Rng,
): SelfAttentionParams {
  const { modelSize, heads, headSize, deviation = 0.02, outputDeviation = 0.02 } = sizes;
  const width = heads * headSize;
  const inputs = { inputs: modelSize, bias: false, deviation };
  return {
    queries: initLinear({ ...inputs, outputs: width }, rng.split("queries")),
    keysAndValues: initLinear({ ...inputs, outputs: 2 * width }, rng.split("keysAndValues")),
    positions: initLinear({ ...inputs, outputs: width }, rng.split("positions")),
    output: initLinear(
      { inputs: width, outputs: modelSize, bias: false, deviation: outputDeviation },
      rng.split("output"),
    ),
  };
}

/** What one self-attention reads. */
export interface SelfAttentionInput {
  /** `[batch, queries, model]`: the new rows. */
  readonly x: tf.Tensor3D;
  /** `[batch, keys, model]`: short-term memory, then the new rows. */
  readonly context: tf.Tensor3D;
  /** `[keys or more, model]`: sinusoids of the distances `keys − 1 … 0`. */
  readonly positions: tf.Tensor2D;
  /** `[batch]` float32: the first key that each batch row sees; `null` where all rows see every one. */
  readonly first: tf.Tensor1D | null;
  /** Number of heads; divides the width of the projections. */
  readonly heads: number;
  /** How many of the last new rows need a context; all by default. */
  readonly rows?: number;
}

/** What it gives; both owned by the caller. */
export interface SelfAttentionOutput {
  /** `[batch, queries or rows, model]` after the output projection: Z_T of the paper. */
  readonly shortTermContext: tf.Tensor3D;
  /** `[batch, heads, queries, headSize]`: projected, without biases or scale; the long-term attention reads with them. */
  readonly queries: tf.Tensor4D;
}

/**
 * Causal attention over short-term memory and segment with relative positions.
 *
 * @see Dai et al. (2019), "Transformer-XL", section 3.3, https://arxiv.org/abs/1901.02860
 */
export function selfAttention(
  params: SelfAttentionParams,
  biases: PositionBiases,
  input: SelfAttentionInput,
): SelfAttentionOutput {
  const { x, context, positions, first, heads } = input;
  const [batch, queryCount] = x.shape;
  const { rows = queryCount } = input;
  const width = params.queries.kernel.shape[1];
  const size = width / heads;
  const result = tf.tidy(() => {
    const queries = tf.reshape(linear(params.queries, x), [batch, queryCount, heads, size]) as tf.Tensor4D;
    const asking =
      rows === queryCount
        ? queries
        : tf.slice(queries, [0, queryCount - rows, 0, 0], [batch, rows, heads, size]);
    const read = attentionCore({
      queries: asking,
      keysAndValues: tf.reshape(linear(params.keysAndValues, context), [batch, -1, 2, heads, size]),
      positions: tf.reshape(linear(params.positions, positions), [-1, heads, size]) as tf.Tensor3D,
      contentBias: biases.content,
      positionBias: biases.position,
      ...(first === null ? {} : { first }),
      scale: 1 / Math.sqrt(size),
    });
    return [
      linear(params.output, tf.reshape(read, [batch, rows, width])),
      tf.transpose(queries, [0, 2, 1, 3]),
    ] as [tf.Tensor3D, tf.Tensor4D];
  });
  return { shortTermContext: result[0], queries: result[1] };
}
