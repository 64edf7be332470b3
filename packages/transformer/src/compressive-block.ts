import { layerNorm, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { compressiveAttention } from "./compressive-attention.js";
import type { CompressiveTransformerConfig } from "./compressive-config.js";
import type { CompressiveLayerParams } from "./compressive-params.js";
import type { DropoutSeeds } from "./dropout-seeds.js";
import { feedForward } from "./feed-forward.js";
import type { GatedResidualParams } from "./gated-residual.js";
import { gatedResidual } from "./gated-residual.js";
import { lastRows } from "./last-rows.js";

/** Where the queries of a layer look; the same for all layers that see the same. */
export interface CompressiveView {
  /** Rows of the keys, with the new ones: see `distanceRows`. */
  readonly positions: tf.Tensor3D | tf.Tensor4D;
  /** `[batch]` float32: the first key that each batch row sees; `null` where all rows see every one. */
  readonly first: tf.Tensor1D | null;
}

/** What one block gives; both owned by the caller. */
export interface CompressiveBlockOutput {
  /** `[batch, wanted, model]` */
  readonly output: tf.Tensor3D;
  /** `[batch, queries, model]`: the attention's input, which the memory keeps. */
  readonly rows: tf.Tensor3D;
}

/**
 * One block: `x' = x ⊕ attention(LN(x))`, `x'' = x' ⊕ FF(LN(x'))`, where `⊕`
 * adds or is a gated recurrent unit.
 *
 * @param x `[batch, queries, model]`.
 * @param past `[batch, keys − queries, model]`: compressed memory, short-term memory and unfinished
 *   segment, after their layer norm; `null` where there is none.
 * @param wanted how many of the last rows go on from here.
 */
export function compressiveBlock(
  params: CompressiveLayerParams,
  config: Pick<CompressiveTransformerConfig, "heads" | "activation">,
  x: tf.Tensor3D,
  past: tf.Tensor3D | null,
  view: CompressiveView,
  seeds: DropoutSeeds,
  wanted: number = x.shape[1],
): CompressiveBlockOutput {
  return tidyTree(() => {
    const rows = layerNorm(params.attentionNorm, x) as tf.Tensor3D;
    const attended = compressiveAttention(params.attention, {
      ...view,
      x: lastRows(rows, wanted),
      context: past === null ? rows : tf.concat([past, rows], 1),
      heads: config.heads,
    });
    const middle = residual(params.attentionGate, lastRows(x, wanted), seeds.drop(attended));
    const inner = layerNorm(params.feedForwardNorm, middle);
    const outer = feedForward(params.feedForward, inner, config.activation, seeds);
    return { output: residual(params.feedForwardGate, middle, outer) as tf.Tensor3D, rows };
  });
}

function residual(gate: GatedResidualParams | undefined, x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return gate === undefined ? tf.add(x, y) : gatedResidual(gate, x, y);
}
