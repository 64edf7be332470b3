import TinyQueue from "tinyqueue";
import type { BytePairVocabulary } from "./vocabulary.js";

/** Larger than the number of symbols of any string, so that rank and place fit into one number in order. */
const places = 2 ** 31;

/**
 * Merges neighbouring tokens until no pair is left that the vocabulary knows:
 * always the pair of least rank, of several such the leftmost. In
 * `O(n log n)`, so that a long text without spaces does no harm.
 *
 * @param symbols ids of single bytes; overwritten.
 * @returns the ids that remain, in order.
 */
export function mergePairs(vocabulary: BytePairVocabulary, symbols: Int32Array): number[] {
  const { ranks, merged, size } = vocabulary;
  const end = symbols.length;
  const next = Int32Array.from(symbols, (_, place) => place + 1);
  const previous = Int32Array.from(symbols, (_, place) => place - 1);
  const rankAt = (place: number): number | undefined => {
    const right = next[place] as number;
    if (place < 0 || right >= end) return undefined;
    return ranks.get((symbols[place] as number) * size + (symbols[right] as number));
  };
  const queue = new TinyQueue<number>();
  const offer = (place: number): void => {
    const rank = rankAt(place);
    if (rank !== undefined) queue.push(rank * places + place);
  };
  for (let place = 0; place + 1 < end; place++) offer(place);
  for (let first = queue.pop(); first !== undefined; first = queue.pop()) {
    const place = first % places;
    const rank = Math.floor(first / places);
    // The pair may have gone since it was offered: one of its tokens is part of another now.
    if (symbols[place] === gone || rankAt(place) !== rank) continue;
    const right = next[place] as number;
    const after = next[right] as number;
    symbols[place] = merged[rank] as number;
    symbols[right] = gone;
    next[place] = after;
    if (after < end) previous[after] = place;
    offer(previous[place] as number);
    offer(place);
  }
  return Array.from(symbols).filter((id) => id !== gone);
}

/** Marks a token that became part of the one before it. */
const gone = -1;
