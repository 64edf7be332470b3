import type { LongTermMemory, MemoryPlan } from "@infinite-former/memory";
import { absorb, gate, layerPositions } from "@infinite-former/memory";
import { cloneTree, tidyTree } from "@infinite-former/tensor";
import type { LongTermParams, LongTermReadingTensors } from "@infinite-former/transformer";
import { continuousAttentionConfig, prepareLongTermReading } from "@infinite-former/transformer";
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
    const update = plan as MemoryPlan;
    const positions = leaving === 0 ? [] : layerPositions(update.config, before, stickySeeds);
    const own = (layer: number) =>
      (params.layers[layer] as Gpt2Params["layers"][0]).longTerm as LongTermParams;
    const memories = before.map((memory, layer) => {
      if (leaving === 0) return cloneTree(memory);
      const rows = tf.gather(rings[layer]?.rows as tf.Tensor3D, slots, 1);
      const gating = own(layer).gate;
      const segment = gating === undefined ? rows : gate(gating, rows).gated;
      const at = positions[layer];
      return absorb(update, memory, segment, { active, ...(at === undefined ? {} : { positions: at }) });
    });
    const attention = continuousAttentionConfig(config);
    const first = memories[0] as (typeof memories)[0];
    return {
      noted: memories.flatMap(({ attended }) => attended ?? []),
      longTerm: memories.map(({ coefficients, segments }) => ({ coefficients, segments })),
      reading: {
        remembering: tf.reshape(tf.minimum(first.segments, 1), [-1, 1]) as tf.Tensor2D,
        longTerm: memories.map(({ coefficients }, layer) =>
          prepareLongTermReading(own(layer).attention, attention, coefficients, null),
        ),
      },
    };
  });
}
