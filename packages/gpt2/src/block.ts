import { type AttentionDensity, continuousAttention } from "@infinite-former/attention";
import { layerNorm, tidyTree } from "@infinite-former/tensor";
import type { DropoutSeeds, LongTermReading } from "@infinite-former/transformer";
import { densitiesOf, feedForward, noDropout } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { Gpt2Config } from "./config.js";
import type { Gpt2LayerParams } from "./params.js";
import { selfAttention } from "./self-attention.js";
import type { Gpt2Cache } from "./state.js";

/** What one block reads. */
export interface Gpt2BlockInput {
  /** `[batch, count, model]` */
  readonly x: tf.Tensor3D;
  /** Of the segment's earlier rows, or `null`. */
  readonly cache: Gpt2Cache | null;
  /** The block's place, from 0. */
  readonly index: number;
  readonly longTerm: LongTermReading | null;
}

/** What one block gives; all owned by the caller. */
export interface Gpt2BlockOutput {
  /** `[batch, count, model]` */
  readonly output: tf.Tensor3D;
  readonly cache: Gpt2Cache;
  /** `[batch, heads, count]` KL of each density to the prior, or `null`. */
  readonly penalty: tf.Tensor3D | null;
  /** The densities of all queries, or `null`. */
  readonly densities: AttentionDensity | null;
}

/**
 * One block: `y = x + A(LN₁(x)) + Z_LTM`, `y + FF(LN₂(y))`. The long-term
 * memory is read with the attention's own queries, and what it gives is added
 * after the attention's output projection.
 *
 * @see Radford et al. (2019), section 2.3; Martins, Marinho & Martins (2022), section 3
 */
export function block(
  params: Gpt2LayerParams,
  config: Gpt2Config,
  input: Gpt2BlockInput,
  seeds: DropoutSeeds,
): Gpt2BlockOutput {
  const { x, cache, index, longTerm } = input;
  const { heads, headSize, normEpsilon, dropout } = config;
  const byLayer = config.scoresByLayer ? index + 1 : 1;
  const scale = (config.scaledScores ? 1 / Math.sqrt(headSize) : 1) / byLayer;
  return tidyTree(() => {
    const normed = layerNorm(params.attentionNorm, x, normEpsilon) as tf.Tensor3D;
    const attended = selfAttention(
      params.attention,
      { x: normed, cache, heads, scale, dropout: dropout.attention },
      seeds,
    );
    const read =
      longTerm === null
        ? null
        : continuousAttention(longTerm.params, longTerm.config, {
            queries: attended.queries,
            coefficients: longTerm.coefficients,
          });
    const context = read === null ? attended.context : tf.add(attended.context, read.context);
    const middle = tf.add(x, seeds.drop(context, dropout.residual));
    const inner = layerNorm(params.feedForwardNorm, middle, normEpsilon);
    const added = feedForward(params.feedForward, inner, config.activation, noDropout);
    return {
      output: tf.add(middle, seeds.drop(added, dropout.residual)) as tf.Tensor3D,
      cache: attended.cache,
      penalty: read === null ? null : read.penalty,
      densities: read === null ? null : densitiesOf(read),
    };
  });
}
