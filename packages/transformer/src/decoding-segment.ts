import type { MemoryPlan } from "@infinite-former/memory";
import { tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { absorbLeaving, rememberingRows } from "./absorb-leaving.js";
import { hasLongTerm } from "./config.js";
import type { AttentionNoted, LongTermLayers, TransformerDecoding } from "./decoding-state.js";
import { withAttention } from "./decoding-state.js";
import type { DecodingWeights } from "./decoding-weights.js";
import type { ForwardModel } from "./forward.js";
import type { LongTermReadingTensors } from "./long-term-reading.js";
import { prepareLongTermReading } from "./long-term-reading.js";
import type { LongTermParams } from "./params.js";
import { continuousAttentionConfig } from "./params.js";

/** What every step of a segment reads and none changes. */
export interface SegmentReading {
  /** `[batch]` int32: rows of the short-term memory that count. */
  readonly near: tf.Tensor1D;
  /** `[batch, 1]`: 1 where there is a long-term memory; absent in a Transformer-XL. */
  readonly remembering?: tf.Tensor2D;
  /** Per layer; empty in a Transformer-XL. */
  readonly longTerm: readonly LongTermReadingTensors[];
}

/** What the border of a segment gives; owned by the caller. */
export interface SegmentBorder {
  readonly noted: AttentionNoted;
  readonly longTerm: LongTermLayers;
  readonly reading: SegmentReading;
}

/**
 * The border of a segment: in the rows that enter one, the oldest rows of the
 * past go into the long-term memory; then whatever does not depend on a query
 * is computed for all steps to come.
 *
 * @param flags `[batch]`, 1 in rows that enter. @param slots `[leaving]` int32, oldest first.
 * @param leaving rows that each of them absorbs, if they are all its document's; 0 for none.
 */
export function enterSegment(
  model: Pick<ForwardModel, "config" | "plan">,
  weights: DecodingWeights,
  tensors: TransformerDecoding,
  stickySeeds: tf.Tensor2D,
  flags: tf.Tensor1D,
  slots: tf.Tensor1D,
  leaving: number,
): SegmentBorder {
  const { config } = model;
  const { filled, rings, noted, longTerm } = tensors;
  return tidyTree(() => {
    const near = tf.cast(tf.minimum(filled, config.shortTermLength), "int32") as tf.Tensor1D;
    if (!hasLongTerm(config)) return { noted: [], longTerm: [], reading: { near, longTerm: [] } };
    const before = longTerm.map((memory, layer) => withAttention(memory, noted[layer]));
    const plan = model.plan as MemoryPlan;
    const whole = tf.cast(tf.greaterEqual(filled, config.shortTermLength + leaving), "float32");
    const active = tf.mul(flags, whole) as tf.Tensor1D;
    const params = weights.layers.map((layer) => layer.longTerm as LongTermParams);
    const rows = rings.map((ring) => ring.rows);
    const memories = absorbLeaving(plan, before, params, rows, {
      active,
      slots,
      count: leaving,
      stickySeeds,
    });
    const attention = continuousAttentionConfig(config);
    return {
      noted: memories.flatMap(({ attended }) => attended ?? []),
      longTerm: memories.map(({ coefficients, segments }) => ({ coefficients, segments })),
      reading: {
        near,
        remembering: rememberingRows(memories),
        longTerm: memories.map(({ coefficients }, layer) => {
          const own = (params[layer] as LongTermParams).attention;
          return prepareLongTermReading(own, attention, coefficients);
        }),
      },
    };
  });
}
