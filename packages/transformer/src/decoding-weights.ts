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
  /** `[H, C, d]`: projected distances C−1 … 0. */
  readonly distances: tf.Tensor3D;
  /** `[H·d, model]`, or `[2·H·d, model]`: the output projections of attention and of long-term memory. */
  readonly output: tf.Tensor2D;
  readonly attentionNorm: LayerNormParams;
  readonly feedForward: FeedForwardParams;
  readonly feedForwardNorm: LayerNormParams;
  readonly longTerm?: LongTermParams;
}

/** All parameters as decoding reads them. */
export interface DecodingWeights {
  readonly embedding: TransformerParams["embedding"];
  /** `[H, d]`: u/√d, added to queries for keys. */
  readonly contentBias: tf.Tensor2D;
  /** `[H, d]`: v/√d, added to queries for distances. */
  readonly positionBias: tf.Tensor2D;
  readonly layers: readonly DecodingLayerWeights[];
  readonly finalNorm?: LayerNormParams;
  readonly output?: NonNullable<TransformerParams["output"]>;
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
  return tidyTree(() => {
    const sinusoids = relativePositions(slots, modelSize); // distances C−1 … 0
    const layer = (own: LayerParams): DecodingLayerWeights => {
      const { queries, keysAndValues, positions, output } = own.attention;
      const byRow = tf.reshape(linear(positions, sinusoids), [slots, heads, headSize]);
      const outputs = own.longTerm === undefined ? [output] : [output, own.longTerm.attention.output];
      return {
        kernel: tf.concat2d([tf.mul<tf.Tensor2D>(queries.kernel, scale), keysAndValues.kernel], 1),
        distances: tf.transpose(byRow, [1, 0, 2]) as tf.Tensor3D,
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
      contentBias: tf.mul<tf.Tensor2D>(params.biases.content, scale),
      positionBias: tf.mul<tf.Tensor2D>(params.biases.position, scale),
      layers: params.layers.map(layer),
    };
  });
}
