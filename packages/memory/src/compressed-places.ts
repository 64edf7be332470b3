import { embed } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/**
 * The last `wanted` places before `end`, each moved back by `shift` of its batch row.
 *
 * @param shift `[batch]` float32, whole numbers.
 * @returns `[batch, wanted]` float32, owned by the caller; may be negative.
 */
export function placesBefore(end: number, wanted: number, shift: tf.Tensor1D): tf.Tensor2D {
  return tf.tidy(() => {
    const places = Float32Array.from({ length: wanted }, (_, k) => end - wanted + k);
    return tf.sub(tf.tensor2d(places, [1, wanted]), tf.expandDims(shift, -1));
  });
}

/**
 * Rows of each batch row by their places.
 *
 * @param rows `[batch, count, model]`.
 * @param places `[batch, wanted]` float32 whole numbers below `count`; below 0 the first row is taken.
 * @returns `[batch, wanted, model]`, owned by the caller. Differentiable in the rows.
 */
export function takePlaces(rows: tf.Tensor3D, places: tf.Tensor2D): tf.Tensor3D {
  const [batch, count, model] = rows.shape;
  return tf.tidy(() => {
    const starts = Float32Array.from({ length: batch }, (_, row) => row * count);
    const ids = tf.add(tf.relu(places), tf.tensor2d(starts, [batch, 1]));
    return embed(tf.reshape(rows, [batch * count, model]), tf.cast(ids, "int32")) as tf.Tensor3D;
  });
}
