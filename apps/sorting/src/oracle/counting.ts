import type { SortingSequence } from "@infinite-former/datasets";

/** Share of right answers when the symbols not yet used are guessed at random: mean of 1/V, 1/(V − 1), …, 1. */
export function guessingAccuracy(symbols: number): number {
  let sum = 0;
  for (let left = 1; left <= symbols; left++) sum += 1 / left;
  return sum / symbols;
}

/** Where the visible part of a sequence begins, for each place of the answer. */
export type VisibleFrom = (place: number) => number;

/**
 * The first symbol that a model sees at each place of the answer: its memory
 * reaches `reach` positions back from the segment that the place is in.
 */
export function visibleFrom(length: number, segmentLength: number, reach: number): VisibleFrom {
  return (place) => {
    const segmentStart = Math.floor((length + place) / segmentLength) * segmentLength;
    return Math.min(length, Math.max(0, segmentStart - reach));
  };
}

/**
 * What counting reaches, given the true answers before each place: of the
 * symbols not yet used, the one seen most often is answered; among equals each
 * is as likely. The expected share of right answers, exact for these sequences.
 *
 * @param sequences at least one, of one length.
 */
export function countingAccuracy(sequences: readonly SortingSequence[], from: VisibleFrom): number {
  const total = sequences.reduce((sum, sequence) => sum + expectedRight(sequence, from), 0);
  const answers = sequences.reduce((sum, { target }) => sum + target.length, 0);
  return total / answers;
}

function expectedRight({ sequence, target }: SortingSequence, from: VisibleFrom): number {
  const used = new Uint8Array(target.length);
  let counts = countsFrom(sequence, target.length, from(0));
  let start = from(0);
  let sum = 0;
  target.forEach((answer, place) => {
    if (from(place) !== start) {
      start = from(place);
      counts = countsFrom(sequence, target.length, start);
    }
    let best = 0;
    let equals = 0;
    counts.forEach((count, symbol) => {
      if (used[symbol] === 1 || count < best) return;
      equals = count === best ? equals + 1 : 1;
      best = count;
    });
    if (counts[answer] === best) sum += 1 / equals;
    used[answer] = 1;
  });
  return sum;
}

function countsFrom(sequence: Int32Array, symbols: number, start: number): Int32Array {
  const counts = new Int32Array(symbols);
  for (let position = start; position < sequence.length; position++) {
    counts[sequence[position] as number]! += 1;
  }
  return counts;
}
