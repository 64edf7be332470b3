import { porterStem } from "./porter/porter-stem.js";
import { splitWords } from "./python-text.js";
import { best, type References } from "./references.js";

/** Weights of METEOR. */
export interface MeteorOptions {
  /** α: weight of recall against precision in their mean; 0.9 by default. */
  readonly alpha?: number;
  /** β: power of the penalty for words in another order; 3 by default. */
  readonly beta?: number;
  /** γ: largest penalty; 0.5 by default. */
  readonly gamma?: number;
}

/** Places of a word in the candidate and of its match in the reference. */
type Match = readonly [candidate: number, reference: number];

interface Placed {
  readonly word: string;
  readonly place: number;
}

/**
 * METEOR with two of its stages, equal words and equal Porter stems, and
 * without synonyms: `(1 − γ (chunks / m)^β) · P R / (α P + (1 − α) R)` with m
 * matched words, P and R their share of either side, and chunks the runs of
 * matches that lie side by side in both texts. Words are cut at white space
 * and compared in lower case, marks and all. With several references the
 * largest score counts; 0 where nothing matches.
 *
 * Figures are not those of METEOR with WordNet, which are a little higher.
 *
 * @throws {RangeError} where there is no reference.
 * @see Lavie & Agarwal (2007), https://aclanthology.org/W07-0734; α, β and γ
 *   and the order in which words are matched are those of NLTK.
 * @example
 * meteor("the cats sat", "the cat sat"); // 0.981…, one chunk of three words
 */
export function meteor(candidate: string, references: References, options: MeteorOptions = {}): number {
  const { alpha = 0.9, beta = 3, gamma = 0.5 } = options;
  const words = placed(candidate);
  const score = (reference: string): number => {
    const others = placed(reference);
    const matches = align(words, others);
    if (matches.length === 0) return 0;
    const precision = matches.length / words.length;
    const recall = matches.length / others.length;
    const mean = (precision * recall) / (alpha * precision + (1 - alpha) * recall);
    return (1 - gamma * (countChunks(matches) / matches.length) ** beta) * mean;
  };
  return best("meteor", references, score, (one) => one);
}

function placed(text: string): Placed[] {
  return splitWords(text).map((word, place) => ({ word: word.toLowerCase(), place }));
}

/** Matches of equal words, then of equal stems among what is left, by their place in the candidate. */
function align(candidate: readonly Placed[], reference: readonly Placed[]): Match[] {
  const equal = matchStage(candidate, reference);
  const stems = matchStage(equal.candidate.map(stemmed), equal.reference.map(stemmed));
  return [...equal.matches, ...stems.matches].sort(([a], [b]) => a - b);
}

function stemmed({ word, place }: Placed): Placed {
  return { word: porterStem(word), place };
}

/** Pairs each word, the last first, with the last place of that word that is still free in the reference. */
function matchStage(
  candidate: readonly Placed[],
  reference: readonly Placed[],
): { matches: Match[]; candidate: Placed[]; reference: Placed[] } {
  const free = new Map<string, number[]>();
  for (const { word, place } of reference) {
    const places = free.get(word);
    if (places) places.push(place);
    else free.set(word, [place]);
  }
  const matches: Match[] = [];
  const left: Placed[] = [];
  for (const one of [...candidate].reverse()) {
    const place = free.get(one.word)?.pop();
    if (place === undefined) left.push(one);
    else matches.push([one.place, place]);
  }
  const taken = new Set(matches.map(([, place]) => place));
  return {
    matches,
    candidate: left.reverse(),
    reference: reference.filter(({ place }) => !taken.has(place)),
  };
}

/** Runs of matches that follow each other in both texts. */
function countChunks(matches: readonly Match[]): number {
  const breaks = matches.filter(([candidate, reference], i) => {
    const before = matches[i - 1];
    return before !== undefined && (before[0] + 1 !== candidate || before[1] + 1 !== reference);
  });
  return breaks.length + 1;
}
