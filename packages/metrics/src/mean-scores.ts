import { meteor } from "./meteor.js";
import type { Overlap } from "./overlap.js";
import type { References } from "./references.js";
import { rouge1, rougeL } from "./rouge.js";
import { wordOverlap } from "./word-overlap.js";

/** A generated text and what it should have been. */
export interface ScoredPair {
  readonly candidate: string;
  readonly references: References;
}

/** Means over all pairs. */
export interface MeanScores {
  readonly pairs: number;
  readonly wordOverlap: Overlap;
  readonly rouge1: Overlap;
  readonly rougeL: Overlap;
  /** Equal words and Porter stems; no synonyms. */
  readonly meteorWithoutSynonyms: number;
}

/**
 * Scores of many texts: each pair's score, then the mean of precision, of
 * recall and of F-measure by themselves. ROUGE is stemmed.
 *
 * The authors of the ∞-former print F1, and as "rouge1" and "rougeL" the
 * share of the reference's words that are found, which here is `recall`.
 *
 * @throws {RangeError} where there is no pair, or one without a reference.
 * @example
 * meanScores([{ candidate: "hello there", references: "hello you" }]).wordOverlap.fMeasure; // 0.5
 */
export function meanScores(pairs: Iterable<ScoredPair>): MeanScores {
  const all = [...pairs];
  if (all.length === 0) throw new RangeError("meanScores: pairs must hold at least one pair, got none");
  const overlap = (score: (candidate: string, references: References) => Overlap): Overlap => {
    const scores = all.map(({ candidate, references }) => score(candidate, references));
    return {
      precision: mean(scores.map(({ precision }) => precision)),
      recall: mean(scores.map(({ recall }) => recall)),
      fMeasure: mean(scores.map(({ fMeasure }) => fMeasure)),
    };
  };
  return {
    pairs: all.length,
    wordOverlap: overlap(wordOverlap),
    rouge1: overlap(rouge1),
    rougeL: overlap(rougeL),
    meteorWithoutSynonyms: mean(all.map(({ candidate, references }) => meteor(candidate, references))),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
