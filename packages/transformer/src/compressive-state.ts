import type { CompressedMemory } from "@infinite-former/memory";
import { emptyCompressedMemory, resetCompressedRows } from "@infinite-former/memory";
import { assertShape, ShapeError } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { checkRows } from "./check-rows.js";
import type { CompressiveTransformerConfig } from "./compressive-config.js";

/**
 * All that a Compressive Transformer remembers, as one value: a tree of
 * tensors that goes in and comes out of every call. Rows are attention inputs,
 * after the layer norm.
 *
 * The past is cut into segments counted from the start of the stream; memories
 * change at their borders only, so a text gives the same numbers whether it is
 * read by segments, in pieces, or a token at a time.
 */
export interface CompressiveState {
  /** Per layer with memories the compressed rows, oldest first. Empty where there are none yet. */
  readonly compressed: readonly CompressedMemory[];
  /** Per layer with memories `[batch, rows, model]`: the short-term memory, oldest first. Empty where `rows` is 0. */
  readonly recent: readonly tf.Tensor3D[];
  /** Per layer `[batch, rows, model]`: the unfinished segment. Empty at the border of a segment. */
  readonly current: readonly tf.Tensor3D[];
  /** `[batch]` float32: how many of the last rows of `recent` belong to the batch row's document. */
  readonly filled: tf.Tensor1D;
}

/**
 * The state before the first token.
 *
 * @param batch number of rows.
 * @param room `"growing"`: memories start without rows and grow. `"full"`:
 *   they have their final size from the start, with empty rows masked out, so
 *   that all segments have one shape, as a compiled step likes. The numbers are
 *   the same.
 * @returns tensors owned by the caller.
 */
export function initialCompressiveState(
  config: CompressiveTransformerConfig,
  batch: number,
  room: "growing" | "full" = "growing",
): CompressiveState {
  const { modelSize, memoryLayers, shortTermLength, compressedLength: count } = config;
  const layers = room === "full" ? memoryLayers : [];
  return {
    compressed: count === 0 ? [] : layers.map(() => emptyCompressedMemory({ batch, count, modelSize })),
    recent:
      shortTermLength === 0
        ? []
        : layers.map(() => tf.zeros<tf.Rank.R3>([batch, shortTermLength, modelSize])),
    current: [],
    filled: tf.zeros([batch]),
  };
}

/** Rows of each memory and of the unfinished segment. */
export function compressiveRows(state: CompressiveState): {
  readonly compressed: number;
  readonly recent: number;
  readonly current: number;
} {
  return {
    compressed: state.compressed[0]?.rows.shape[1] ?? 0,
    recent: state.recent[0]?.shape[1] ?? 0,
    current: state.current[0]?.shape[1] ?? 0,
  };
}

/**
 * Checks that a state fits a model; only shapes are read.
 *
 * @param fn in whose name the message speaks.
 * @throws {ShapeError} `ERR_SHAPE` naming the path of the tensor that differs.
 */
export function checkCompressiveState(
  fn: string,
  config: CompressiveTransformerConfig,
  state: CompressiveState,
): void {
  const { batch } = assertShape(fn, "state.filled", state.filled, "[batch]");
  const { modelSize, layers, memoryLayers, segmentLength, shortTermLength, compressedLength } = config;
  const memories = { layers: memoryLayers.length, batch, modelSize };
  checkRows(fn, "state.recent", state.recent, { ...memories, most: shortTermLength });
  checkRows(fn, "state.current", state.current, { ...memories, layers, most: segmentLength - 1 });
  const rows = state.compressed.map((memory) => memory.rows);
  checkRows(fn, "state.compressed", rows, { ...memories, most: compressedLength });
  state.compressed.forEach(({ filled }, slot) => {
    assertShape(fn, `state.compressed.${slot}.filled`, filled, "[batch]", { batch });
  });
}

/**
 * The state with some batch rows at the start of a document again: nothing of
 * their past is read any more. The other rows are untouched.
 *
 * @param ended `[batch]`: 1 where a row starts afresh, else 0.
 * @returns a new state owned by the caller; `state` is borrowed.
 * @throws {ShapeError} `ERR_SHAPE` inside a segment: rows can only start at a segment's border.
 */
export function resetCompressiveRows(state: CompressiveState, ended: tf.Tensor1D): CompressiveState {
  const { current } = compressiveRows(state);
  if (current > 0) {
    throw new ShapeError(
      `resetCompressiveRows: state must stand at the border of a segment, got ${current} rows of an unfinished one; start a new state instead`,
    );
  }
  return {
    compressed: state.compressed.map((memory) => resetCompressedRows(memory, ended)),
    recent: state.recent.map((rows) => rows.clone()),
    current: [],
    filled: tf.tidy(() => tf.mul(state.filled, tf.sub(1, tf.cast(ended, "float32"))) as tf.Tensor1D),
  };
}
