import type { LinearParams } from "@infinite-former/tensor";
import { linear } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Heads first, so that every product of the attention is one batched matmul.
 *
 * @param x `[batch, rows, heads·size]`.
 * @returns `[heads, batch, rows, size]`, owned by the caller. Differentiable.
 */
export function splitHeads(x: tf.Tensor, heads: number): tf.Tensor4D {
  const [batch, rows, width] = x.shape as [number, number, number];
  return tf.tidy(
    () => tf.transpose(tf.reshape(x, [batch, rows, heads, width / heads]), [2, 0, 1, 3]) as tf.Tensor4D,
  );
}

/** Keys and values of every head, `[heads, batch, rows, size]` each. */
export interface KeysAndValues {
  readonly keys: tf.Tensor4D;
  readonly values: tf.Tensor4D;
}

/**
 * Keys and values from one projection that holds both, keys first.
 *
 * @param params `[model, 2·heads·size]`.
 * @param context `[batch, rows, model]`.
 * @returns owned by the caller. Differentiable.
 */
export function projectKeysAndValues(
  params: LinearParams,
  context: tf.Tensor3D,
  heads: number,
): KeysAndValues {
  const [batch, rows] = context.shape;
  const size = params.kernel.shape[1] / (2 * heads);
  const [keys, values] = tf.tidy(() => {
    const both = tf.transpose(
      tf.reshape(linear(params, context), [batch, rows, 2, heads, size]),
      [2, 3, 0, 1, 4],
    );
    const part = (index: number): tf.Tensor =>
      tf.reshape(tf.slice(both, [index, 0, 0, 0, 0], [1, heads, batch, rows, size]), [
        heads,
        batch,
        rows,
        size,
      ]);
    return [part(0), part(1)];
  }) as [tf.Tensor4D, tf.Tensor4D];
  return { keys, values };
}

/**
 * The same with the batch first, `[batch, heads, rows, size]` each, as rings hold them.
 *
 * @returns owned by the caller.
 */
export function ringKeysAndValues(params: LinearParams, context: tf.Tensor3D, heads: number): KeysAndValues {
  const [batch, rows] = context.shape;
  const [keys, values] = tf.tidy(() => {
    const both = tf.reshape(linear(params, context), [batch, rows, 2, heads, -1]);
    return tf.unstack(tf.transpose(both, [2, 0, 3, 1, 4]));
  }) as [tf.Tensor4D, tf.Tensor4D];
  return { keys, values };
}
