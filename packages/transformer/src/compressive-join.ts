import type { CompressedMemory } from "@infinite-former/memory";
import { concatRows, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { checkSamePlace } from "./check-same-place.js";
import type { CompressiveState } from "./compressive-state.js";
import { compressiveRows } from "./compressive-state.js";
import { growRows } from "./grow-rows.js";

/**
 * States of texts that began at different times as one batch, so that they are
 * read together from here on. `takeRows` of the tensor package is the inverse.
 *
 * @param states at least one, all of one model and at the same place within their segment; borrowed.
 * @returns one state of all rows in order, owned by the caller.
 * @throws {ShapeError} `ERR_SHAPE` if they stand at different places of a segment, or do not fit each other.
 */
export function joinCompressiveRows(states: readonly CompressiveState[]): CompressiveState {
  checkSamePlace(
    "joinCompressiveRows",
    states.map((state) => compressiveRows(state).current),
  );
  const most = (kind: "recent" | "compressed"): CompressiveState =>
    states.reduce((a, b) => (compressiveRows(b)[kind] > compressiveRows(a)[kind] ? b : a));
  const [recent, compressed] = [most("recent").recent, most("compressed").compressed];
  return tidyTree(() =>
    concatRows(
      states.map((state) => {
        const [batch] = state.filled.shape;
        return {
          ...state,
          recent: recent.map((like, slot) => growRows(state.recent[slot], batch, like)),
          compressed: compressed.map(({ rows }, slot) => grown(state.compressed[slot], batch, rows)),
        };
      }),
    ),
  );
}

/** A compressed memory with empty rows in front, which `filled` does not count. */
function grown(own: CompressedMemory | undefined, batch: number, like: tf.Tensor3D): CompressedMemory {
  return { rows: growRows(own?.rows, batch, like), filled: own?.filled ?? tf.zeros([batch]) };
}
