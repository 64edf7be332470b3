import { assertShape, seededUniform } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/**
 * The random numbers of each row's next update: a function of the row's seed
 * and of the segments it has absorbed since its last reset, of nothing else. So
 * they depend neither on how a text is cut into pieces nor on the other rows of
 * the batch, and a fork of a memory draws what the original draws.
 *
 * @param seeds `[batch, 2]` int32, one seed a row. On native TensorFlow it stays
 *   a tensor, so a recorded graph can take it as an input.
 * @param segments `[batch]` of the memory.
 * @param count how many numbers each row gets.
 * @returns `[batch, count]` uniform on [0, 1), owned by the caller; a constant to gradients.
 * @throws {ShapeError} `ERR_SHAPE` if the batch sizes differ.
 */
export function updateDraws(seeds: tf.Tensor2D, segments: tf.Tensor1D, count: number): tf.Tensor2D {
  const { batch } = assertShape("updateDraws", "seeds", seeds, "[batch, 2]");
  assertShape("updateDraws", "segments", segments, "[batch]", { batch });
  return tf.tidy(() => {
    const updates = tf.cast(tf.reshape(segments, [batch, 1]), "int32");
    const shift = tf.concat([tf.zerosLike(updates), updates], 1);
    const rows = tf.unstack(tf.add(seeds, shift)) as tf.Tensor1D[];
    return tf.stack(rows.map((seed) => seededUniform([count], seed))) as tf.Tensor2D;
  });
}
