import * as tf from "@tensorflow/tfjs-core";

/**
 * The first key that counts where memory rows stand before all others.
 *
 * @param filled `[batch]` float32: how many of the last memory rows count in each batch row.
 * @param recent rows of the memory that `filled` speaks of.
 * @returns `[batch]` float32, see `attentionCore`; owned by the caller.
 */
export function firstKey(filled: tf.Tensor1D, recent: number): tf.Tensor1D {
  return tf.tidy(() => tf.relu(tf.sub(recent, filled)) as tf.Tensor1D);
}
