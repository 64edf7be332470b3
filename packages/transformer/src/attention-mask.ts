import * as tf from "@tensorflow/tfjs-core";

/** Added to a score that must not count: its softmax weight is exactly zero in float32. */
const BLOCKED = -1e30;

/**
 * Additive mask of causal attention over `[memory ; segment]`: query `i` sees
 * the memory rows that are filled and the segment up to itself.
 *
 * @param filled `[batch]` float32: how many of the last memory rows count in each batch row;
 *   `null` where all of them do.
 * @param recent rows of the memory that `filled` speaks of.
 * @param before rows between the memory and the queries (the unfinished segment); all count.
 * @param queries number of queries.
 * @returns `[1 or batch, queries, recent + before + queries]`: 0 or −1e30; owned by the caller.
 */
export function attentionMask(
  filled: tf.Tensor1D | null,
  recent: number,
  before: number,
  queries: number,
): tf.Tensor3D {
  return tf.tidy(() => {
    const keys = recent + before + queries;
    const causal = new Float32Array(queries * keys);
    for (let i = 0; i < queries; i++) {
      causal.fill(BLOCKED, i * keys + recent + before + i + 1, (i + 1) * keys);
    }
    const mask = tf.tensor3d(causal, [1, queries, keys]);
    if (filled === null || recent === 0) return mask;
    // Key j of the memory counts where recent − j ≤ filled; the others always count.
    const age = new Float32Array(keys);
    for (let j = 0; j < recent; j++) age[j] = recent - j;
    const empty = tf.greater(tf.tensor2d(age, [1, keys]), tf.reshape(filled, [-1, 1]));
    const rows = tf.mul(tf.cast(empty, "float32"), BLOCKED);
    // Blocked twice is −2e30: still finite, and its weight still 0.
    return tf.add(mask, tf.expandDims(rows, 1)) as tf.Tensor3D;
  });
}
