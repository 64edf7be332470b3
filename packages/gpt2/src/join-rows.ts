import { concatRows, tidyTree } from "@infinite-former/tensor";
import { checkSamePlace, growRows } from "@infinite-former/transformer";
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
  return tidyTree(() =>
    concatRows(
      states.map((state) => ({
        ...state,
        // Empty rows where there are none yet: they do not wait to be absorbed.
        previous: whole.map((like, layer) => growRows(state.previous[layer], state.waiting.shape[0], like)),
      })),
    ),
  );
}
