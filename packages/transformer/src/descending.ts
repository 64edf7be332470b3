/** The ids of some scores from the highest score down, equal ones by id; put in order as far as it is asked for. */
export interface Descending {
  /** @param rank from 0, below the number of scores. */
  at(rank: number): number;
}

/**
 * A heap over the scores: making it takes one pass, and each further rank a
 * walk down the heap, where sorting a vocabulary would cost more than a step of
 * a small model.
 *
 * @param scores no NaN: not checked. Read until the last call of `at`.
 */
export function descending(scores: ArrayLike<number>): Descending {
  const heap = Int32Array.from({ length: scores.length }, (_, id) => id);
  const found: number[] = [];
  let size = heap.length;
  const before = (a: number, b: number): boolean => {
    const difference = (scores[a] as number) - (scores[b] as number);
    return difference > 0 || (!(difference < 0) && a < b && scores[a] === scores[b]);
  };
  const sink = (start: number): void => {
    const id = heap[start] as number;
    let place = start;
    for (let child = 2 * place + 1; child < size; child = 2 * place + 1) {
      if (child + 1 < size && before(heap[child + 1] as number, heap[child] as number)) child++;
      if (!before(heap[child] as number, id)) break;
      heap[place] = heap[child] as number;
      place = child;
    }
    heap[place] = id;
  };
  for (let place = (size >> 1) - 1; place >= 0; place--) sink(place);
  return {
    at(rank) {
      while (found.length <= rank) {
        found.push(heap[0] as number);
        heap[0] = heap[--size] as number;
        sink(0);
      }
      return found[rank] as number;
    },
  };
}
