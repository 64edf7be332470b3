import { hasKernel } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { nativeOperation } from "./native-operation.js";

const inPlace = "InfiniteFormerWriteRing";

/**
 * A ring with one slot written anew. On native TensorFlow the ring's own memory
 * is written (by a kernel of our own, on a GPU by `InplaceUpdate`), so nothing
 * is copied, the cost does not depend on the ring's size, and the old handle
 * shows the new row too; other backends make a new ring.
 *
 * @param ring `[…groups, slots, size]`, a tensor that owns its memory alone and is given up by the caller; borrowed.
 * @param rows `[…groups, size]` or any shape of as many numbers.
 * @param slot one int32 number in `[0, slots)`.
 * @returns the ring, owned by the caller. There is no gradient.
 */
export function writeRing<T extends tf.Tensor>(ring: T, rows: tf.Tensor, slot: tf.Tensor): T {
  const [slots, size] = ring.shape.slice(-2) as [number, number];
  const groups = ring.size / (slots * size);
  return tf.tidy(() => {
    if (hasKernel(inPlace)) {
      const [written] = tf.engine().runKernel(inPlace, { ring, rows, slot }) as unknown as [T];
      return written;
    }
    const starts = tf.tensor1d(
      Int32Array.from({ length: groups }, (_, group) => group * slots),
      "int32",
    );
    const flat = tf.reshape(ring, [groups * slots, size]);
    const values = tf.reshape(rows, [groups, size]);
    const written = nativeOperation("InplaceUpdate", [flat, tf.add(starts, slot), values]);
    if (written !== null) return tf.reshape(written, ring.shape) as T;
    const here = tf.equal(tf.range(0, slots, 1, "int32"), slot);
    const fresh = tf.reshape(rows, [...ring.shape.slice(0, -2), 1, size]);
    return tf.where(tf.reshape(here, [slots, 1]), fresh, ring) as T;
  });
}

/** The slots of rows by age, oldest first: ages `first + count − 1 … first`, age 0 in slot `newest`. */
export function slotsByAge(newest: number, slots: number, first: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => {
    const slot = (newest - (first + count - 1 - i)) % slots;
    return slot < 0 ? slot + slots : slot;
  });
}

/**
 * Rows laid into a new ring, the newest in the last slot, zeros in front.
 *
 * @param rows `[…, count, size]`, fewer than `slots`; `null` where there are none.
 * @param shape of the ring, `[…, slots, size]`.
 * @returns memory of its own, owned by the caller.
 * @throws {RangeError} if the rows would fill the ring: it must always have a slot to spare.
 */
export function layRing<T extends tf.Tensor>(rows: T | null, shape: readonly number[]): T {
  if (rows === null) return tf.zeros([...shape]) as T;
  const missing = (shape.at(-2) as number) - (rows.shape.at(-2) as number);
  if (missing < 1)
    throw new RangeError(`layRing: rows must be fewer than ${shape.at(-2)}, got ${rows.shape.at(-2)}`);
  const none: [number, number] = [0, 0];
  return tf.pad(
    rows,
    shape.map((_, axis) => (axis === shape.length - 2 ? [missing, 0] : none)),
  ) as T;
}
