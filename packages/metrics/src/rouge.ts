import { commonWords, type Overlap, overlapOf } from "./overlap.js";
import { porterStem } from "./porter/porter-stem.js";
import { best, type References } from "./references.js";

/** How ROUGE cuts words. */
export interface RougeOptions {
  /** Whether words of more than three letters are stemmed; true by default, as the authors of the ∞-former do. */
  readonly stem?: boolean;
}

/** The words of ROUGE: runs of `a` to `z` and digits in the text in lower case, stemmed unless told otherwise. */
export function rougeWords(text: string, { stem = true }: RougeOptions = {}): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return stem ? words.map((word) => (word.length > 3 ? porterStem(word) : word)) : [...words];
}

/**
 * ROUGE-1: shared words, each as often as it is in both, over the words of
 * each side. With several references the one with the largest F-measure counts.
 *
 * @throws {RangeError} where there is no reference.
 * @see Lin (2004), "ROUGE: A Package for Automatic Evaluation of Summaries",
 *   https://aclanthology.org/W04-1013
 * @example
 * rouge1("the cats sat", "a cat sat").fMeasure; // 2/3
 */
export function rouge1(candidate: string, references: References, options?: RougeOptions): Overlap {
  return rouge("rouge1", commonWords, candidate, references, options);
}

/**
 * ROUGE-L: the longest common subsequence of words, over the words of each
 * side. With several references the one with the largest F-measure counts.
 *
 * @throws {RangeError} where there is no reference.
 * @see Lin (2004), section 3.1, https://aclanthology.org/W04-1013
 */
export function rougeL(candidate: string, references: References, options?: RougeOptions): Overlap {
  return rouge("rougeL", longestCommonSubsequence, candidate, references, options);
}

function rouge(
  where: string,
  common: (candidate: readonly string[], reference: readonly string[]) => number,
  candidate: string,
  references: References,
  options?: RougeOptions,
): Overlap {
  const words = rougeWords(candidate, options);
  return best(
    where,
    references,
    (reference) => {
      const others = rougeWords(reference, options);
      return overlapOf(common(words, others), words.length, others.length);
    },
    ({ fMeasure }) => fMeasure,
  );
}

/** Length of the longest list that both have in order, with gaps or without. */
function longestCommonSubsequence(candidate: readonly string[], reference: readonly string[]): number {
  let above = new Int32Array(candidate.length + 1); // lengths up to each word of the candidate
  for (const word of reference) {
    const row = new Int32Array(candidate.length + 1);
    for (const [i, other] of candidate.entries()) {
      row[i + 1] = word === other ? above[i]! + 1 : Math.max(above[i + 1]!, row[i]!);
    }
    above = row;
  }
  return above[candidate.length]!;
}
