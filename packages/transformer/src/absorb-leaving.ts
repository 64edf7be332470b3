import type { LongTermMemory, MemoryPlan } from "@infinite-former/memory";
import { absorb, gate, layerPositions } from "@infinite-former/memory";
import { cloneTree, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { LongTermParams } from "./params.js";

/** What leaves the rings of a decoding for the long-term memories. */
export interface Leaving {
  /** `[batch]` float32, 1 in the rows that absorb. */
  readonly active: tf.Tensor1D;
  /** `[count]` int32: the slots of what leaves, oldest first. */
  readonly slots: tf.Tensor1D;
  /** How many rows leave; 0 for none. */
  readonly count: number;
  /** `[batch, 2]` int32, see `ForwardOptions`. */
  readonly stickySeeds: tf.Tensor2D;
}

/**
 * The memories of all layers after the border of a segment, where rows lie in
 * rings.
 *
 * @param before one memory a layer. @param params of the same layers.
 * @param rings per layer `[batch, slots, model]`.
 * @returns owned by the caller.
 */
export function absorbLeaving(
  plan: MemoryPlan,
  before: readonly LongTermMemory[],
  params: readonly LongTermParams[],
  rings: readonly tf.Tensor3D[],
  { active, slots, count, stickySeeds }: Leaving,
): LongTermMemory[] {
  return tidyTree(() => {
    if (count === 0) return before.map((memory) => cloneTree(memory));
    const positions = layerPositions(plan.config, before, stickySeeds);
    return before.map((memory, layer) => {
      const oldest = tf.gather(rings[layer] as tf.Tensor3D, slots, 1);
      const gating = params[layer]?.gate;
      const segment = gating === undefined ? oldest : gate(gating, oldest).gated;
      const at = positions[layer];
      return absorb(plan, memory, segment, { active, ...(at === undefined ? {} : { positions: at }) });
    });
  });
}

/** `[batch, 1]`: 1 in the rows that have a long-term memory. */
export function rememberingRows([first]: readonly LongTermMemory[]): tf.Tensor2D {
  const { segments } = first as LongTermMemory;
  return tf.tidy(() => tf.reshape(tf.minimum(segments, 1), [-1, 1]) as tf.Tensor2D);
}
