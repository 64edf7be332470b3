import { assertShape } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { placesBefore, takePlaces } from "./compressed-places.js";

/** Rows of a memory as a value, of which the last ones count. Rows of the batch never see each other. */
export interface CompressedMemory {
  /** `[batch, count, model]`, oldest first. */
  readonly rows: tf.Tensor3D;
  /** `[batch]` float32: how many of the last rows count in each batch row. */
  readonly filled: tf.Tensor1D;
}

/** A memory of `count` rows of which none counts; owned by the caller. */
export function emptyCompressedMemory(size: {
  readonly batch: number;
  readonly count: number;
  readonly modelSize: number;
}): CompressedMemory {
  return { rows: tf.zeros([size.batch, size.count, size.modelSize]), filled: tf.zeros([size.batch]) };
}

/**
 * A compressed memory after more rows: in each batch row the last `capacity`
 * of those that count.
 *
 * @param past borrowed; `null` where there is none yet. @param more borrowed.
 * @param capacity how many rows are kept at most, ≥ 1.
 * @returns `[batch, min(count + added, capacity), model]`, owned by the caller. Differentiable in both.
 * @throws {ShapeError} `ERR_SHAPE` if batch or model size differ.
 */
export function appendCompressed(
  past: CompressedMemory | null,
  more: CompressedMemory,
  capacity: number,
): CompressedMemory {
  const fn = "appendCompressed";
  const { batch, added, model } = assertShape(fn, "more.rows", more.rows, "[batch, added, model]");
  assertShape(fn, "more.filled", more.filled, "[batch]", { batch });
  if (past !== null) {
    assertShape(fn, "past.rows", past.rows, "[batch, count, model]", { batch, model });
    assertShape(fn, "past.filled", past.filled, "[batch]", { batch });
  }
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new RangeError(`${fn}: capacity must be a whole number, at least 1, got ${capacity}`);
  }
  const [rows, filled] = tf.tidy(() => {
    const all: tf.Tensor3D = past === null ? more.rows : tf.concat([past.rows, more.rows], 1);
    const total = all.shape[1];
    // New rows that do not count lie between the past and those that do: the past moves up over them.
    const gap: tf.Tensor1D = tf.sub(added, more.filled);
    const places = placesBefore(total, Math.min(total, capacity), tf.zerosLike(gap));
    const isPast = tf.less(places, tf.expandDims(tf.add(gap, total - added), -1));
    const source = tf.sub(places, tf.mul(tf.cast(isPast, "float32"), tf.expandDims(gap, -1)));
    const count = past === null ? more.filled : tf.add(past.filled, more.filled);
    const kept = tf.minimum(count, capacity);
    return [takePlaces(all, source as tf.Tensor2D), kept];
  }) as [tf.Tensor3D, tf.Tensor1D];
  return { rows, filled };
}

/**
 * The memory with some rows emptied, where a document ends.
 *
 * @param memory borrowed.
 * @param ended `[batch]` of 1 (empty the row) and 0.
 * @returns a new memory, owned by the caller.
 * @throws {ShapeError} `ERR_SHAPE` if `ended` has another batch size.
 */
export function resetCompressedRows(memory: CompressedMemory, ended: tf.Tensor1D): CompressedMemory {
  const [batch] = memory.filled.shape;
  assertShape("resetCompressedRows", "ended", ended, "[batch]", { batch });
  const filled = tf.tidy(() => tf.mul(memory.filled, tf.sub(1, tf.cast(ended, "float32"))) as tf.Tensor1D);
  return { rows: memory.rows.clone(), filled };
}
