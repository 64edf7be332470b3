import { assertShape, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { type AnyAttentionDensities, densityMass } from "./density-mass.js";
import type { LongTermMemory } from "./long-term.js";

/**
 * The memory with the attention of some more queries counted: what sticky
 * sampling asks at the next update. Masses add up, so a segment may be read in
 * pieces. Rows that have absorbed nothing have nothing to attend to and count none.
 *
 * @param memory borrowed; one with attention mass.
 * @param densities of the queries that read it; constants to gradients.
 * @returns a new memory, owned by the caller. A memory without attention mass comes back as it is, cloned.
 * @throws {ShapeError} `ERR_SHAPE` if the batch sizes differ.
 */
export function recordAttention(memory: LongTermMemory, densities: AnyAttentionDensities): LongTermMemory {
  const { attended, coefficients, segments } = memory;
  return tidyTree(() => {
    const same = { coefficients: coefficients.clone(), segments: segments.clone() };
    if (!attended) return same;
    const { batch, bins } = assertShape("recordAttention", "attended", attended, "[batch, bins]");
    assertShape("recordAttention", "mean", densities.mean, "[batch, heads, queries]", { batch });
    const remembering = tf.reshape(tf.minimum(segments, 1), [batch, 1]);
    const mass = tf.mul(densityMass(bins, densities), remembering);
    return { ...same, attended: tf.add(attended, mass) as tf.Tensor2D };
  });
}
