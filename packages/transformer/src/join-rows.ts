import { concatRows, ShapeError, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
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
  const [first] = states;
  if (first === undefined) throw new ShapeError("joinRows: states must hold at least one, got none");
  const place = stateRows(first).current;
  states.forEach((state, index) => {
    const other = stateRows(state).current;
    if (other !== place) {
      throw new ShapeError(
        `joinRows: states[${index}] must stand ${place} tokens into its segment as states[0] does, got ${other}; read texts to the same place first`,
      );
    }
  });
  const longest = states.reduce((a, b) => (stateRows(b).recent > stateRows(a).recent ? b : a));
  return tidyTree(() => concatRows(states.map((state) => withRoomOf(state, longest.recent))));
}

/** The same state with as many recent rows as another's: empty ones in front, which `filled` does not count. */
function withRoomOf(state: TransformerState, longest: readonly tf.Tensor3D[]): TransformerState {
  const [batch] = state.filled.shape;
  const recent = longest.map((like, layer) => {
    const [, rows, model] = like.shape;
    const own = state.recent[layer];
    const missing = rows - (own?.shape[1] ?? 0);
    if (own !== undefined && missing === 0) return own;
    const empty = tf.zeros<tf.Rank.R3>([batch, missing, model]);
    return own === undefined ? empty : tf.concat([empty, own], 1);
  });
  return { ...state, recent };
}
