import type {
  AttentionDensity,
  ContinuousAttentionConfig,
  ContinuousAttentionParams,
} from "@infinite-former/attention";
import { continuousAttention } from "@infinite-former/attention";
import type { LayerNormParams } from "@infinite-former/tensor";
import { addLayerNorm, layerNorm, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { DropoutSeeds } from "./dropout-seeds.js";
import type { FeedForwardParams } from "./feed-forward.js";
import { feedForward } from "./feed-forward.js";
import { lastRows } from "./last-rows.js";
import type { PositionBiases, SelfAttentionParams } from "./self-attention.js";
import { selfAttention } from "./self-attention.js";

/** Parameters of one block without long-term memory. */
export interface BlockParams {
  readonly attention: SelfAttentionParams;
  readonly attentionNorm: LayerNormParams;
  readonly feedForward: FeedForwardParams;
  readonly feedForwardNorm: LayerNormParams;
}

/** What a block reads of the long-term memory. */
export interface LongTermReading {
  readonly params: ContinuousAttentionParams;
  readonly config: ContinuousAttentionConfig;
  /** `[batch, basis, model]` */
  readonly coefficients: tf.Tensor3D;
}

/** What one block reads. */
export interface BlockInput {
  /** `[batch, queries, model]` */
  readonly x: tf.Tensor3D;
  /** `[batch, rows, model]` short-term memory of this layer's inputs, oldest first; `null` where there is none. */
  readonly shortTerm: tf.Tensor3D | null;
  /** `[keys or more, model]` sinusoids, see `selfAttention`. */
  readonly positions: tf.Tensor2D;
  /** `[batch]` float32: the first key that each batch row sees; `null` where all rows see every one. */
  readonly first: tf.Tensor1D | null;
  readonly longTerm: LongTermReading | null;
  /** How many of the last rows of x go on from here; all by default. Penalty and densities are those of all rows. */
  readonly rows?: number;
}

/** How a block is put together. */
export interface BlockConfig {
  readonly heads: number;
  readonly norm: "post" | "pre";
  readonly activation: "relu" | "gelu";
}

/** What one block gives; all owned by the caller. */
export interface BlockOutput {
  /** `[batch, queries, model]` */
  readonly output: tf.Tensor3D;
  /** `[batch, queries, model]`: after the attention sub-layer with its residual (and norm, if post). */
  readonly attentionOutput: tf.Tensor3D;
  /** `[batch, queries, model]` contribution Z_LTM of the long-term memory, or `null`. */
  readonly longTermContext: tf.Tensor3D | null;
  /** `[batch, heads, queries]` KL of each density to the prior, or `null`. */
  readonly penalty: tf.Tensor3D | null;
  /** The densities of all queries, or `null`. */
  readonly densities: AttentionDensity | null;
}

/** The densities among what a read gives. */
export function densitiesOf({
  mean,
  variance,
  components,
  probabilities,
}: AttentionDensity): AttentionDensity {
  return {
    mean,
    variance,
    ...(components ? { components } : {}),
    ...(probabilities ? { probabilities } : {}),
  };
}

/**
 * One block: relative self-attention over short-term memory and segment, plus
 * the read-out of the long-term memory (`Z = Z_T + Z_LTM`), then position-wise
 * layers; residuals around both.
 *
 * Post-norm: `y = LN(x + Z)`, `LN(y + FF(y))`. Pre-norm: `y = x + Z(LN(·))`,
 * `y + FF(LN(y))`. The attention output is not dropped, as in the authors' code.
 *
 * @see Martins, Marinho & Martins (2022), "∞-former", section 3, https://arxiv.org/abs/2109.00301
 */
export function block(
  params: BlockParams,
  config: BlockConfig,
  biases: PositionBiases,
  input: BlockInput,
  seeds: DropoutSeeds,
): BlockOutput {
  const { x, shortTerm, positions, first, longTerm } = input;
  const { rows = x.shape[1] } = input;
  const pre = config.norm === "pre";
  return tidyTree(() => {
    const whole = shortTerm === null ? x : tf.concat([shortTerm, x], 1);
    const context = pre ? (layerNorm(params.attentionNorm, whole) as tf.Tensor3D) : whole;
    const memoryRows = whole.shape[1] - x.shape[1];
    const own = pre && memoryRows > 0 ? tf.slice(context, [0, memoryRows, 0]) : pre ? context : x;
    const kept = lastRows(x, rows);
    // The long-term memory wants the densities of all queries.
    const asking = longTerm === null ? lastRows(own as tf.Tensor3D, rows) : (own as tf.Tensor3D);
    const attended = selfAttention(params.attention, biases, {
      x: asking,
      context,
      positions,
      first,
      heads: config.heads,
      rows,
    });
    const read =
      longTerm === null
        ? null
        : continuousAttention(longTerm.params, longTerm.config, {
            queries: attended.queries,
            coefficients: longTerm.coefficients,
            rows,
          });
    const middle = pre
      ? tf.add(
          kept,
          read === null ? attended.shortTermContext : tf.add(attended.shortTermContext, read.context),
        )
      : addLayerNorm(
          params.attentionNorm,
          read === null ? [kept, attended.shortTermContext] : [kept, attended.shortTermContext, read.context],
        );
    const inner = pre ? layerNorm(params.feedForwardNorm, middle) : middle;
    const forward = feedForward(params.feedForward, inner, config.activation, seeds);
    const output = pre ? tf.add(middle, forward) : addLayerNorm(params.feedForwardNorm, [middle, forward]);
    return {
      output: output as tf.Tensor3D,
      attentionOutput: middle as tf.Tensor3D,
      longTermContext: read === null ? null : (read.context as tf.Tensor3D),
      penalty: read === null ? null : (read.penalty as tf.Tensor3D),
      densities: read === null ? null : densitiesOf(read),
    };
  });
}
