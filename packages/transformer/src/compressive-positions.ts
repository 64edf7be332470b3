import { embed } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { CompressiveTransformerConfig } from "./compressive-config.js";

/**
 * Rows of the learned table for the distances `keys − 1, …, 0`, then one row
 * that is never read (see `relativeAttention`).
 *
 * @param table `[heads, rows, headSize]`; its last row belongs to distance 0 where it is fixed.
 * @param keys how many distances, at most `rows`.
 * @param kind `"fixed"`, or `"moving"`: distance 0 reads row `visible − 1`.
 * @param visible `[batch]` float32: rows that a whole segment could see in each batch row.
 * @returns `[heads, keys + 1, headSize]` where fixed, `[heads, batch, keys + 1, headSize]` where moving;
 *   owned by the caller. Differentiable in the table.
 */
export function distanceRows(
  table: tf.Tensor3D,
  keys: number,
  kind: CompressiveTransformerConfig["positionTable"],
  visible: tf.Tensor1D,
): tf.Tensor3D | tf.Tensor4D {
  const [heads, rows, size] = table.shape;
  return tf.tidy((): tf.Tensor3D | tf.Tensor4D => {
    if (kind === "fixed") {
      const last = tf.slice(table, [0, rows - keys, 0], [heads, keys, size]);
      return tf.pad(last, [
        [0, 0],
        [0, 1],
        [0, 0],
      ]);
    }
    const [batch] = visible.shape;
    const distances = Float32Array.from({ length: keys + 1 }, (_, column) => Math.max(0, keys - 1 - column));
    const row = tf.sub(tf.sub(tf.expandDims(visible, -1), 1), tf.tensor2d(distances, [1, keys + 1]));
    const byRow: tf.Tensor2D = tf.reshape(tf.transpose(table, [1, 0, 2]), [rows, heads * size]);
    // Distances beyond what is visible have no row; they belong to keys that are masked.
    const taken = embed(byRow, tf.cast(tf.relu(row), "int32"));
    return tf.transpose(tf.reshape(taken, [batch, keys + 1, heads, size]), [2, 0, 1, 3]) as tf.Tensor4D;
  });
}
