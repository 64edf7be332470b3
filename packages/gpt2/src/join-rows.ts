import { concatRows, tidyTree } from "@infinite-former/tensor";
import { checkSamePlace, growRows } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { Gpt2State } from "./state.js";
import { unfinished } from "./state.js";

/**
 * States of texts that began at different times as one batch, so that they are
 * read together from here on. `takeRows` of the tensor package is the inverse.
 *
 * @param states at least one, all of one model and at the same place within
 *   their segment (an empty one may join a long one); borrowed.
 * @returns one state of all rows in order, owned by the caller.
 * @throws {ShapeError} `ERR_SHAPE` if they stand at different places of a segment, or do not fit each other.
 */
export function joinRows(states: readonly Gpt2State[]): Gpt2State {
  checkSamePlace("joinRows", states.map(unfinished));
  const [whole = []] = states.map(({ previous }) => previous).filter(({ length }) => length > 0);
  const rowsOf = ({ compressed }: Gpt2State): number => compressed[0]?.rows.shape[1] ?? 0;
  const { compressed } = states.reduce((a, b) => (rowsOf(b) > rowsOf(a) ? b : a));
  return tidyTree(() =>
    concatRows(
      states.map((state) => {
        const [batch] = state.waiting.shape;
        return {
          ...state,
          // Empty rows where there are none yet: they do not wait to be absorbed.
          previous: whole.map((like, slot) => growRows(state.previous[slot], batch, like)),
          compressed: compressed.map(({ rows }, slot) => {
            const own = state.compressed[slot];
            return { rows: growRows(own?.rows, batch, rows), filled: own?.filled ?? tf.zeros([batch]) };
          }),
        };
      }),
    ),
  );
}
