import { commonWords, type Overlap, overlapOf } from "./overlap.js";
import { splitWords } from "./python-text.js";
import { best, type References } from "./references.js";

/** ASCII punctuation, `string.punctuation` of Python. */
const punctuation = /[!-/:-@[-`{-~]/g;

/** An article between characters that are no letters, digits or underscores of any script. */
const article = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;

/**
 * The words that count: in lower case, without ASCII punctuation (`it's`
 * becomes `its`) and without the articles `a`, `an` and `the`.
 */
export function contentWords(text: string): string[] {
  return splitWords(text.toLowerCase().replace(punctuation, "").replace(article, " "));
}

/**
 * Word overlap of a text with a reference, the "F1" of dialogue papers: shared
 * content words, each as often as it is in both, over the words of each side.
 * With several references the one with the largest F1 counts. Two texts
 * without content words score 0, also where they are equal.
 *
 * @throws {RangeError} where there is no reference.
 * @see Rajpurkar et al. (2016), "SQuAD", https://arxiv.org/abs/1606.05250,
 *   whose normalisation this is. ParlAI puts a space for each mark instead of
 *   nothing, so that `it's` is two words there.
 * @example
 * wordOverlap("The cat sat.", "a cat sat down").fMeasure; // 0.8
 */
export function wordOverlap(candidate: string, references: References): Overlap {
  const words = contentWords(candidate);
  return best(
    "wordOverlap",
    references,
    (reference) => {
      const others = contentWords(reference);
      return overlapOf(commonWords(words, others), words.length, others.length);
    },
    ({ fMeasure }) => fMeasure,
  );
}
