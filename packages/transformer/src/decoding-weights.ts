import type { LayerNormParams } from "@infinite-former/tensor";
import { cloneTree, linear, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { FeedForwardParams } from "./feed-forward.js";
import type { ForwardModel } from "./forward.js";
import type { LayerParams, LongTermParams, TransformerParams } from "./params.js";
import { relativePositions } from "./relative-position.js";

/** One layer's parameters as decoding reads them. `H` heads of size `d`; C slots of the rings of keys. */
export interface DecodingLayerWeights {
  /** `[model, 3·H·d]`: queries times 1/√d, keys, values. */
  readonly kernel: tf.Tensor2D;
  /** `[3·H·d]`: the content bias u/√d in the queries' part, else 0. */
  readonly bias: tf.Tensor1D;
  /** `[1, H, d, C]`: projected distances 0 … C−1. */
  readonly distances: tf.Tensor4D;
  /** `[1, H, 1, C]`: what the queries' bias lacks for distances, `(v − u)/√d · distances`. */
  readonly distanceScores: tf.Tensor4D;
  /** `[H·d, model]`, or `[2·H·d, model]`: the output projections of attention and of long-term memory. */
  readonly output: tf.Tensor2D;
  readonly attentionNorm: LayerNormParams;
  readonly feedForward: FeedForwardParams;
  readonly feedForwardNorm: LayerNormParams;
  readonly longTerm?: LongTermParams;
}

/** All parameters as decoding reads them. */
export interface DecodingWeights {
  readonly embedding: tf.Tensor2D;
  /** `[H, d]`: u/√d. */
  readonly contentBias: tf.Tensor2D;
  readonly layers: readonly DecodingLayerWeights[];
  readonly finalNorm?: LayerNormParams;
  readonly output?: tf.Tensor2D;
}

/**
 * Parameters made ready for one token at a time: products that read the same
 * row are one, scale and biases are in the kernels, distances are projected.
 *
 * @param slots C, distances that a token can see.
 * @returns tensors owned by the caller; what is unchanged shares its memory with the parameters.
 */
export function decodingWeights({ config, params }: ForwardModel, slots: number): DecodingWeights {
  const { heads, headSize, modelSize } = config;
  const scale = 1 / Math.sqrt(headSize);
  const width = heads * headSize;
  return tidyTree(() => {
    const sinusoids = tf.reverse(relativePositions(slots, modelSize), 0); // distances 0 … C−1
    const content = tf.mul(params.biases.content, scale);
    const gap = tf.mul(tf.sub(params.biases.position, params.biases.content), scale);
    const bias = tf.concat([tf.reshape(content, [width]), tf.zeros([2 * width])]) as tf.Tensor1D;
    const layer = (own: LayerParams): DecodingLayerWeights => {
      const { queries, keysAndValues, positions, output } = own.attention;
      const byRow = tf.reshape(linear(positions, sinusoids), [slots, heads, headSize]);
      const distances = tf.transpose(byRow, [1, 2, 0]);
      const scores = tf.matMul(tf.reshape(gap, [heads, 1, headSize]), distances);
      const outputs = own.longTerm === undefined ? [output] : [output, own.longTerm.attention.output];
      return {
        kernel: tf.concat2d([tf.mul<tf.Tensor2D>(queries.kernel, scale), keysAndValues.kernel], 1),
        bias: tf.clone(bias),
        distances: tf.reshape(distances, [1, heads, headSize, slots]),
        distanceScores: tf.reshape(scores, [1, heads, 1, slots]),
        output: tf.concat2d(
          outputs.map(({ kernel }) => kernel),
          0,
        ),
        ...cloneTree({
          attentionNorm: own.attentionNorm,
          feedForward: own.feedForward,
          feedForwardNorm: own.feedForwardNorm,
          ...(own.longTerm === undefined ? {} : { longTerm: own.longTerm }),
        }),
      };
    };
    const { embedding, finalNorm, output }: TransformerParams = params;
    return {
      ...cloneTree({ embedding, ...(finalNorm ? { finalNorm } : {}), ...(output ? { output } : {}) }),
      contentBias: content as tf.Tensor2D,
      layers: params.layers.map(layer),
    };
  });
}
