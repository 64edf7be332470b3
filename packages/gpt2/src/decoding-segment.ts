import type { LongTermMemory, MemoryPlan } from "@infinite-former/memory";
import { tidyTree } from "@infinite-former/tensor";
import type { LongTermParams, LongTermReadingTensors } from "@infinite-former/transformer";
import {
  absorbLeaving,
  continuousAttentionConfig,
  prepareLongTermReading,
  rememberingRows,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { remembers } from "./config.js";
import type { Gpt2Decoding, Gpt2LongTerm } from "./decoding-state.js";
import type { Gpt2Model } from "./model.js";
import type { Gpt2Params } from "./params.js";

/** What every step of a segment reads and none changes. */
export interface Gpt2Reading {
  /** `[batch, 1]`: 1 where there is a long-term memory. */
  readonly remembering: tf.Tensor2D;
  /** Per layer; empty without long-term memory. */
  readonly longTerm: readonly LongTermReadingTensors[];
}

/**
 * The border of a segment: rows that enter one absorb the segment before it, if
 * it was their document's; then what depends on no query is computed.
 *
 * @param flags `[batch]`, 1 in rows that enter. @param slots `[leaving]` int32, oldest first.
 */
export function enterSegment(
  { config, plan }: Pick<Gpt2Model, "config" | "plan">,
  params: Gpt2Params,
  { filled, rings, noted, longTerm }: Gpt2Decoding,
  stickySeeds: tf.Tensor2D,
  flags: tf.Tensor1D,
  slots: tf.Tensor1D,
  leaving: number,
): {
  readonly noted: readonly tf.Tensor2D[];
  readonly longTerm: Gpt2LongTerm;
  readonly reading: Gpt2Reading;
} {
  return tidyTree(() => {
    const empty = tf.mul(tf.expandDims(filled, 1), 0) as tf.Tensor2D;
    if (!remembers(config)) return { noted: [], longTerm: [], reading: { remembering: empty, longTerm: [] } };
    const before = longTerm.map((memory, layer): LongTermMemory => {
      const attended = noted[layer];
      return attended === undefined ? memory : { ...memory, attended };
    });
    const active = tf.mul(
      flags,
      tf.cast(tf.greaterEqual(filled, config.segmentLength), "float32"),
    ) as tf.Tensor1D;
    const own = params.layers.map((layer) => layer.longTerm as LongTermParams);
    const rows = rings.map((ring) => ring.rows as tf.Tensor3D);
    const leave = { active, slots, count: leaving, stickySeeds };
    const memories = absorbLeaving(plan as MemoryPlan, before, own, rows, leave);
    const attention = continuousAttentionConfig(config);
    return {
      noted: memories.flatMap(({ attended }) => attended ?? []),
      longTerm: memories.map(({ coefficients, segments }) => ({ coefficients, segments })),
      reading: {
        remembering: rememberingRows(memories),
        longTerm: memories.map(({ coefficients }, layer) =>
          prepareLongTermReading((own[layer] as LongTermParams).attention, attention, coefficients),
        ),
      },
    };
  });
}
