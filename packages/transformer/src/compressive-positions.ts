import { embed } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { CompressiveTransformerConfig } from "./compressive-config.js";

/**
 * Rows of the learned table for the distances `keys − 1, …, 0`.
 *
 * @param table `[heads, rows, headSize]`; its last row belongs to distance 0 where it is fixed.
 * @param keys how many distances, at most `rows`.
 * @param kind `"fixed"`, or `"moving"`: distance 0 reads row `visible − 1`.
 * @param visible `[batch]` float32: rows that a whole segment could see in each batch row.
 * @returns `[keys, heads, headSize]` where fixed, `[batch, keys, heads, headSize]` where moving;
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
    const byRow = tf.transpose(table, [1, 0, 2]) as tf.Tensor3D;
    if (kind === "fixed") return tf.slice(byRow, [rows - keys, 0, 0], [keys, heads, size]);
    const [batch] = visible.shape;
    const distances = Float32Array.from({ length: keys }, (_, column) => keys - 1 - column);
    const row = tf.sub(tf.sub(tf.expandDims(visible, -1), 1), tf.tensor2d(distances, [1, keys]));
    // Distances beyond what is visible have no row; they belong to keys that are not seen.
    const taken = embed(tf.reshape(byRow, [rows, heads * size]), tf.cast(tf.relu(row), "int32"));
    return tf.reshape(taken, [batch, keys, heads, size]) as tf.Tensor4D;
  });
}
