import { endsInConsonant, endsInDouble, endsShort, hasVowel, measure } from "./letters.js";
import { doubleSuffixes, innerSuffixes, irregular, lastSuffixes, plurals, type Rule } from "./rules.js";

/**
 * The stem of an English word by Porter's algorithm with the extensions that
 * NLTK has by default: `connections` becomes `connect`. The word in lower case
 * is what is stemmed; a word of one or two characters is its own stem.
 *
 * @see Porter (1980), "An algorithm for suffix stripping", Program 14(3), and
 *   `nltk.stem.PorterStemmer` in its mode NLTK_EXTENSIONS: irregular forms,
 *   `dies` → `die`, `-y` after consonants only, `-fulli`, `-logi`, `-alli` before all.
 * @example
 * porterStem("Relational"); // "relat"
 */
export function porterStem(word: string): string {
  const lower = word.toLowerCase();
  const known = irregular.get(lower);
  if (known !== undefined) return known;
  if (codePoints(word) <= 2) return lower;
  const steps = [singular, present, finalY, step2, step3, step4, withoutE, withoutDoubleL];
  return steps.reduce((stem, step) => step(stem), lower);
}

/** Applies the rule of the first ending that fits; where its condition fails, none. */
function apply(rules: readonly Rule[], word: string): string {
  const rule = rules.find(([ending]) => word.endsWith(ending));
  if (rule === undefined) return word;
  const [ending, replacement, holds] = rule;
  const stem = without(ending, word);
  return holds(stem) ? stem + replacement : word;
}

/** Step 1a; NLTK keeps the e of `dies`. */
function singular(word: string): string {
  if (word.endsWith("ies") && codePoints(word) === 4) return without("s", word);
  return apply(plurals, word);
}

/** Step 1b; NLTK turns `-ied` into `-i`, and keeps the e of `died`. */
function present(word: string): string {
  if (word.endsWith("ied")) return without(codePoints(word) === 4 ? "d" : "ed", word);
  if (word.endsWith("eed")) return measure(without("eed", word)) > 0 ? without("d", word) : word;
  const ending = ["ed", "ing"].find((one) => word.endsWith(one));
  if (ending === undefined) return word;
  const stem = without(ending, word);
  return hasVowel(stem) ? mended(stem) : word;
}

/** What is left of a word without `-ed` or `-ing`, as its present is written. */
function mended(stem: string): string {
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (endsInDouble(stem)) return /[lsz]$/.test(stem) ? stem : [...stem].slice(0, -1).join("");
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

/** Step 1c, where NLTK asks for a consonant before the y that is not the only letter. */
function finalY(word: string): string {
  const stem = without("y", word);
  return word.endsWith("y") && codePoints(stem) > 1 && endsInConsonant(stem) ? `${stem}i` : word;
}

/** Step 2; NLTK takes `-alli` first, and goes through the step again. */
function step2(word: string): string {
  if (word.endsWith("alli") && measure(without("alli", word)) > 0) return step2(without("li", word));
  return apply(doubleSuffixes, word);
}

function step3(word: string): string {
  return apply(innerSuffixes, word);
}

function step4(word: string): string {
  return apply(lastSuffixes, word);
}

/** Step 5a. */
function withoutE(word: string): string {
  if (!word.endsWith("e")) return word;
  const stem = without("e", word);
  const length = measure(stem);
  return length > 1 || (length === 1 && !endsShort(stem)) ? stem : word;
}

/** Step 5b. */
function withoutDoubleL(word: string): string {
  return word.endsWith("ll") && measure(without("l", word)) > 1 ? without("l", word) : word;
}

function without(ending: string, word: string): string {
  return word.slice(0, word.length - ending.length);
}

function codePoints(text: string): number {
  return [...text].length;
}
