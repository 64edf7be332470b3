import * as tf from "@tensorflow/tfjs-core";

/**
 * As many rows as another memory has: the own ones with empty ones in front.
 *
 * @param own `[batch, rows, model]`, or `undefined` where there are none; borrowed.
 * @param like `[any, more rows, model]`.
 * @returns `own` itself where it has as many.
 */
export function growRows(own: tf.Tensor3D | undefined, batch: number, like: tf.Tensor3D): tf.Tensor3D {
  const [, rows, model] = like.shape;
  const missing = rows - (own?.shape[1] ?? 0);
  if (own !== undefined && missing === 0) return own;
  const empty = tf.zeros<tf.Rank.R3>([batch, missing, model]);
  return own === undefined ? empty : tf.tidy(() => tf.concat([empty, own], 1));
}
