import { assertShape, ShapeError, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { LongTermMemory } from "./long-term.js";

/**
 * A copy of a memory that lives and goes on by itself, of all batch rows or of
 * those named: two continuations of one past, or a beam search that keeps some
 * rows and doubles others.
 *
 * @param memory borrowed.
 * @param rows of the batch, in the order wanted, each as often as wanted; all by default.
 * @returns `[rows.length, …]` each, owned by the caller, equal bit for bit to
 *   the rows copied. Differentiable in the coefficients.
 * @throws {ShapeError} `ERR_SHAPE` if `rows` is empty or names a row that there is not, or
 *   the memory's tensors differ in batch size.
 */
export function fork(memory: LongTermMemory, rows?: readonly number[]): LongTermMemory {
  const { coefficients, segments, attended } = memory;
  const { batch } = assertShape("fork", "memory.coefficients", coefficients, "[batch, basis, model]");
  assertShape("fork", "memory.segments", segments, "[batch]", { batch });
  if (attended) assertShape("fork", "memory.attended", attended, "[batch, bins]", { batch });
  const chosen = rows ?? Array.from({ length: batch }, (_, row) => row);
  const wrong = chosen.findIndex((row) => !Number.isSafeInteger(row) || row < 0 || row >= batch);
  if (wrong >= 0) {
    throw new ShapeError(`fork: rows[${wrong}] must be a row of the batch of ${batch}, got ${chosen[wrong]}`);
  }
  if (chosen.length === 0) throw new ShapeError("fork: rows must name at least one row, got none");
  return tidyTree(() => {
    const copy = <T extends tf.Tensor>(x: T): T => {
      return rows === undefined ? tf.clone(x) : tf.gather(x, tf.tensor1d([...rows], "int32"));
    };
    return {
      coefficients: copy(coefficients),
      segments: copy(segments),
      ...(attended ? { attended: copy(attended) } : {}),
    };
  });
}
