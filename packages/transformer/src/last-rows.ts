import * as tf from "@tensorflow/tfjs-core";

/** The last `count` rows of `[batch, rows, model]`; the tensor itself where these are all. Differentiable. */
export function lastRows(x: tf.Tensor3D, count: number): tf.Tensor3D {
  const [batch, rows, size] = x.shape;
  return rows === count ? x : tf.slice(x, [0, rows - count, 0], [batch, count, size]);
}
