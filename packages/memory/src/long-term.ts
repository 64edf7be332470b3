import { designMatrix, transpose } from "@infinite-former/signal";
import { assertShape, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { checkMemory } from "./check-memory.js";
import type { MemoryPlan } from "./plan.js";

/**
 * A long-term memory: one continuous signal per batch row, as a value. Rows
 * never see each other; `fork` copies them.
 */
export interface LongTermMemory {
  /** `[batch, basis, model]`, B. Zero in rows that have absorbed nothing. */
  readonly coefficients: tf.Tensor3D;
  /** `[batch]` float32: segments absorbed since the row's last reset. */
  readonly segments: tf.Tensor1D;
  /**
   * `[batch, stickyBins]`: mass of the attention since the last update, see
   * `attentionMass`. There exactly where `sampling` is sticky.
   */
  readonly attended?: tf.Tensor2D;
}

/** Sizes of an empty memory. */
export interface LongTermMemorySize {
  readonly batch: number;
  readonly basisCount: number;
  readonly modelSize: number;
  /** Bins of attention mass; given exactly where `sampling` is sticky. */
  readonly stickyBins?: number;
}

/** A memory that has absorbed nothing; owned by the caller. */
export function emptyLongTermMemory(size: LongTermMemorySize): LongTermMemory {
  const { batch, basisCount, modelSize, stickyBins } = size;
  return {
    coefficients: tf.zeros([batch, basisCount, modelSize]),
    segments: tf.zeros([batch]),
    ...(stickyBins === undefined ? {} : { attended: tf.zeros<tf.Rank.R2>([batch, stickyBins]) }),
  };
}

/**
 * The memory with some rows emptied, where a document ends. Attention mass
 * stays, as in the authors' code; the first fit makes no use of it.
 *
 * @param memory borrowed.
 * @param ended `[batch]` of 1 (empty the row) and 0.
 * @returns a new memory, owned by the caller.
 * @throws {ShapeError} `ERR_SHAPE` if `ended` has another batch size.
 */
export function resetRows(memory: LongTermMemory, ended: tf.Tensor1D): LongTermMemory {
  const pattern = "[batch, basis, model]";
  const { batch } = assertShape("resetRows", "memory.coefficients", memory.coefficients, pattern);
  assertShape("resetRows", "memory.segments", memory.segments, "[batch]", { batch });
  assertShape("resetRows", "ended", ended, "[batch]", { batch });
  return tidyTree(() => {
    const kept = tf.sub(1, tf.cast(ended, "float32"));
    return {
      coefficients: tf.mul(memory.coefficients, tf.reshape(kept, [batch, 1, 1])) as tf.Tensor3D,
      segments: tf.mul(memory.segments, kept) as tf.Tensor1D,
      ...(memory.attended ? { attended: tf.clone(memory.attended) } : {}),
    };
  });
}

/**
 * The signal `x̄(t) = Σ_j B_j ψ_j(t)` of each batch row at the given positions.
 *
 * @param memory borrowed.
 * @param positions in `[0, 1]`, 0 oldest; outside the signal falls to 0.
 * @returns `[batch, positions, model]`, owned by the caller. Differentiable in the coefficients.
 * @throws {ShapeError} `ERR_SHAPE`, {ConfigError} `ERR_CONFIG` if the memory does not fit the plan.
 */
export function evaluate(
  plan: MemoryPlan,
  memory: LongTermMemory,
  positions: readonly number[],
): tf.Tensor3D {
  checkMemory("evaluate", "memory", memory, plan.config);
  const { rows, columns, data } = transpose(designMatrix(plan.basis, positions));
  return tf.tidy(() => {
    const values = tf.tensor3d(Float32Array.from(data), [1, rows, columns]);
    return tf.matMul(values, memory.coefficients) as tf.Tensor3D;
  });
}
