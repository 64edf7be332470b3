import type { Rng } from "@infinite-former/random";
import { seededUniform } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** Keeps the seeds of sticky memories apart from those that dropout counts up from the same seed. */
const apart = 0x5711c;

/**
 * Seeds of sticky memories for reading a text: one, taken from `rng`, for every
 * row, so that what a row draws does not depend on its neighbours. Does not
 * advance `rng`: the same generator gives the same seeds at any time.
 *
 * @returns `[batch, 2]` int32, owned by the caller.
 */
export function stickySeeds(rng: Rng, batch: number): tf.Tensor2D {
  const own = rng.split("sticky memories");
  const word = (): number => own.integer(-(2 ** 31), 2 ** 31);
  const seed = [word(), word()];
  return tf.tensor2d(
    Int32Array.from({ length: 2 * batch }, (_, i) => seed[i % 2] as number),
    [batch, 2],
  );
}

/**
 * Seeds of sticky memories for one training step: another for each row, so that
 * the rows of a batch draw independently.
 *
 * @param seed `[2]` int32 of the step. On native TensorFlow it stays a tensor,
 *   so a recorded graph can take it as an input.
 * @returns `[batch, 2]` int32, owned by the caller.
 */
export function stickyRowSeeds(seed: tf.Tensor1D, batch: number): tf.Tensor2D {
  return tf.tidy(() => {
    const own = tf.add(seed, tf.tensor1d([apart, 0], "int32")) as tf.Tensor1D;
    // Multiples of 2⁻²³: as whole numbers they are exact.
    return tf.cast(tf.mul(seededUniform([batch, 2], own), 2 ** 23), "int32") as tf.Tensor2D;
  });
}
