import { concatRows, tidyTree } from "@infinite-former/tensor";
import { checkSamePlace } from "./check-same-place.js";
import { growRows } from "./grow-rows.js";
import type { TransformerState } from "./state.js";
import { stateRows } from "./state.js";

/**
 * States of texts that began at different times as one batch, so that they are
 * read together from here on. `takeRows` of the tensor package is the inverse.
 *
 * Texts may differ in how much of the past they have (an empty one, from
 * `initialState`, may join a long one), but must all stand at the same place
 * within their segment, since a batch crosses a border together.
 *
 * @param states at least one, all of one model; borrowed.
 * @returns one state of all rows in order, owned by the caller.
 * @throws {ShapeError} `ERR_SHAPE` if they stand at different places of a segment, or do not fit each other.
 */
export function joinRows(states: readonly TransformerState[]): TransformerState {
  checkSamePlace(
    "joinRows",
    states.map((state) => stateRows(state).current),
  );
  const longest = states.reduce((a, b) => (stateRows(b).recent > stateRows(a).recent ? b : a));
  return tidyTree(() =>
    concatRows(
      states.map((state) => ({
        ...state,
        // Empty rows in front, which `filled` does not count.
        recent: longest.recent.map((like, layer) =>
          growRows(state.recent[layer], state.filled.shape[0], like),
        ),
      })),
    ),
  );
}
