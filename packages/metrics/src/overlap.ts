/** How much of a candidate is in a reference, and the other way round; each from 0 to 1. */
export interface Overlap {
  /** Share of the candidate's words that the reference has. */
  readonly precision: number;
  /** Share of the reference's words that the candidate has. */
  readonly recall: number;
  /** Harmonic mean of both, 0 where both are. */
  readonly fMeasure: number;
}

/** The overlap of `common` words; 0 where a side has none. */
export function overlapOf(common: number, candidateWords: number, referenceWords: number): Overlap {
  const precision = common / Math.max(candidateWords, 1);
  const recall = common / Math.max(referenceWords, 1);
  const sum = precision + recall;
  return { precision, recall, fMeasure: sum > 0 ? (2 * precision * recall) / sum : 0 };
}

/** How many words two lists share, each as often as it is in both. */
export function commonWords(candidate: readonly string[], reference: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of reference) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of candidate) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    common++;
  }
  return common;
}
