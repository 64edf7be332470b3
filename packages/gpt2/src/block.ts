import { type AttentionDensity, continuousAttention } from "@infinite-former/attention";
import type { CompressedMemory } from "@infinite-former/memory";
import { layerNorm, linear, tidyTree } from "@infinite-former/tensor";
import type { DropoutSeeds, LongTermReading } from "@infinite-former/transformer";
import {
  attentionReconstruction,
  densitiesOf,
  feedForward,
  noDropout,
  ringKeysAndValues,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { type CompressedUpdate, readCompressed } from "./compressed.js";
import type { Gpt2Config } from "./config.js";
import type { Gpt2CompressedParams } from "./memory-params.js";
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
  /** None by default. */
  readonly compressed?: Gpt2CompressedReading | null;
}

/** A compressed memory as a block reads it. */
export interface Gpt2CompressedReading {
  readonly params: Gpt2CompressedParams;
  readonly memory: CompressedMemory;
  /** What the reconstruction is measured on; `null` where it is not. */
  readonly update: Pick<CompressedUpdate, "old" | "fresh"> | null;
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
  /** Scalar: how well attention to the compressed rows is that to what they were compressed from, or `null`. */
  readonly reconstruction: tf.Scalar | null;
}

/**
 * One block: `y = x + A(LN₁(x)) + Z`, `y + FF(LN₂(y))`. The memory is read with
 * the attention's own queries, and what it gives, Z, is added after the
 * attention's output projection.
 *
 * @see Radford et al. (2019), section 2.3; Martins, Marinho & Martins (2022), section 3
 */
export function block(
  params: Gpt2LayerParams,
  config: Gpt2Config,
  input: Gpt2BlockInput,
  seeds: DropoutSeeds,
): Gpt2BlockOutput {
  const { x, cache, index, longTerm, compressed = null } = input;
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
    const remembered =
      read?.context ?? (compressed && compressedContext(compressed, config, attended.queries));
    const context = remembered === null ? attended.context : tf.add(attended.context, remembered);
    const middle = tf.add(x, seeds.drop(context, dropout.residual));
    const inner = layerNorm(params.feedForwardNorm, middle, normEpsilon);
    const added = feedForward(params.feedForward, inner, config.activation, noDropout);
    return {
      output: tf.add(middle, seeds.drop(added, dropout.residual)) as tf.Tensor3D,
      cache: attended.cache,
      penalty: read === null ? null : read.penalty,
      densities: read === null ? null : densitiesOf(read),
      reconstruction: compressed && reconstruction(compressed, attended.queries),
    };
  });
}

function compressedContext(
  { params, memory: { rows, filled } }: Gpt2CompressedReading,
  { heads, headSize }: Gpt2Config,
  queries: tf.Tensor4D,
): tf.Tensor3D {
  const keysAndValues = ringKeysAndValues(params.keysAndValues, rows, heads);
  const read = readCompressed(keysAndValues, filled, queries, 1 / Math.sqrt(headSize));
  return linear(params.output, read) as tf.Tensor3D;
}

function reconstruction({ params, update }: Gpt2CompressedReading, queries: tf.Tensor4D): tf.Scalar | null {
  if (update === null) return null;
  const { old, fresh } = update;
  const headsFirst: tf.Tensor4D = tf.transpose(queries, [1, 0, 2, 3]);
  return attentionReconstruction(params.keysAndValues, headsFirst, { old, compressed: fresh });
}
