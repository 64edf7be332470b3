import { ShapeError } from "@infinite-former/tensor";

/**
 * Checks that states can be joined: at least one, and all as far into their segment.
 *
 * @param fn in whose name the messages speak.
 * @param places per state the tokens of its unfinished segment.
 * @throws {ShapeError} `ERR_SHAPE` naming the first state that stands elsewhere.
 */
export function checkSamePlace(fn: string, places: readonly number[]): void {
  const [first] = places;
  if (first === undefined) throw new ShapeError(`${fn}: states must hold at least one, got none`);
  places.forEach((place, index) => {
    if (place === first) return;
    throw new ShapeError(
      `${fn}: states[${index}] must stand ${first} tokens into its segment as states[0] does, got ${place}; read texts to the same place first`,
    );
  });
}
