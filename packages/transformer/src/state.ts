import type { LongTermMemory } from "@infinite-former/memory";
import { emptyLongTermMemory, resetRows as resetLongTermRows } from "@infinite-former/memory";
import { ShapeError } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { TransformerConfig } from "./config.js";
import { hasLongTerm } from "./config.js";

/**
 * All that a model remembers, as one value: a tree of tensors that goes in
 * and comes out of every call.
 *
 * The past is cut into segments of L tokens counted from the start of the
 * stream. `recent` holds whole segments, `current` the unfinished one: so a
 * text gives the same numbers whether it is read by segments, in pieces, or a
 * token at a time.
 */
export interface TransformerState {
  /** Per layer `[batch, rows, model]`: inputs of the layer over the last whole segments, oldest first. Empty where `rows` is 0. */
  readonly recent: readonly tf.Tensor3D[];
  /** Per layer `[batch, rows < L, model]`: inputs over the unfinished segment. Empty at the border of a segment. */
  readonly current: readonly tf.Tensor3D[];
  /** `[batch]` float32: how many of the last rows of `recent` belong to the batch row's document. */
  readonly filled: tf.Tensor1D;
  /** Per layer the long-term memory; empty in a Transformer-XL. */
  readonly longTerm: readonly LongTermMemory[];
}

/** Rows of `recent` that a model keeps: S, and in an ∞-former L more that wait to be absorbed. */
export function recentCapacity(config: TransformerConfig): number {
  return config.shortTermLength + (hasLongTerm(config) ? config.longTerm.segmentLength : 0);
}

/**
 * The state before the first token.
 *
 * @param batch number of rows.
 * @param room `"growing"`: memories start without rows and grow (no work is
 *   spent on an empty memory; shapes change during the first segments).
 *   `"full"`: memories have their final size from the start, with empty rows
 *   masked out, so that all segments have one shape, as a compiled step likes.
 *   The numbers are the same.
 * @returns tensors owned by the caller.
 */
export function initialState(
  config: TransformerConfig,
  batch: number,
  room: "growing" | "full" = "growing",
): TransformerState {
  const capacity = recentCapacity(config);
  const rows = room === "full" && capacity > 0;
  return {
    recent: rows
      ? Array.from({ length: config.layers }, () => tf.zeros<tf.Rank.R3>([batch, capacity, config.modelSize]))
      : [],
    current: [],
    filled: tf.zeros([batch]),
    longTerm: hasLongTerm(config)
      ? Array.from({ length: config.layers }, () =>
          emptyLongTermMemory({
            batch,
            basisCount: config.longTerm.basisCount,
            modelSize: config.modelSize,
            ...(config.longTerm.sampling === "sticky" ? { stickyBins: config.longTerm.stickyBins } : {}),
          }),
        )
      : [],
  };
}

/** Rows of `recent` and of `current`. */
export function stateRows(state: TransformerState): { readonly recent: number; readonly current: number } {
  return { recent: state.recent[0]?.shape[1] ?? 0, current: state.current[0]?.shape[1] ?? 0 };
}

/**
 * The state with some batch rows at the start of a document again: nothing of
 * their past is read any more. The other rows are untouched.
 *
 * @param ended `[batch]`: 1 where a row starts afresh, else 0.
 * @returns a new state owned by the caller; `state` is borrowed.
 * @throws {ShapeError} `ERR_SHAPE` inside a segment: rows can only start at a segment's border.
 */
export function resetRows(state: TransformerState, ended: tf.Tensor1D): TransformerState {
  if (state.current.length > 0) {
    throw new ShapeError(
      `resetRows: state must stand at the border of a segment, got ${state.current[0]?.shape[1]} rows of an unfinished one; start a new state instead`,
    );
  }
  return {
    recent: state.recent.map((rows) => rows.clone()),
    current: [],
    filled: tf.tidy(() => tf.mul(state.filled, tf.sub(1, tf.cast(ended, "float32"))) as tf.Tensor1D),
    longTerm: state.longTerm.map((memory) => resetLongTermRows(memory, ended)),
  };
}
