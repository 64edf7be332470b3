import type { EncodedText } from "./encoded-text.js";
import { assertInteger, DatasetError } from "./errors.js";

/** Stands for the end of a line: a token of its own, as in language models of WikiText. */
export const lineEnd = "<eos>";
/** Stands for every word outside the vocabulary; WikiText has it in its text. */
export const unknownWord = "<unk>";

/**
 * A vocabulary of words: what stands between white space, with one token for
 * the end of a line and one for all other words. Ids fall with frequency, so
 * that adaptive softmax's clusters are runs of ids.
 */
export interface WordVocabulary {
  readonly words: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
  /** Id of every word outside the vocabulary. */
  readonly unknown: number;
  /** Id of the end of a line. */
  readonly lineEnd: number;
  /** Number of ids, those two included. */
  readonly size: number;
}

/** A vocabulary as JSON. */
export interface WordVocabularyJson {
  readonly format: "infinite-former/words";
  readonly version: 1;
  /** All words in the order of their ids. */
  readonly words: readonly string[];
}

/** Which of the counted words a vocabulary has. */
export interface WordVocabularyOptions {
  /** Most ids, the line end and the unknown word included; no limit by default. */
  readonly size?: number;
  /** Uses that a word needs; 1 by default. */
  readonly minimumCount?: number;
}

function fromWords(words: readonly string[]): WordVocabulary {
  const ids = new Map(words.map((word, id) => [word, id]));
  return {
    words,
    ids,
    unknown: ids.get(unknownWord) as number,
    lineEnd: ids.get(lineEnd) as number,
    size: words.length,
  };
}

/**
 * Counts the words of a text, line ends included, into `counts`: called once
 * for each piece of a corpus, cut at white space.
 *
 * @returns the words that the piece holds.
 */
export function countWords(counts: Map<string, number>, text: string): number {
  let words = 0;
  for (const word of wordsOf(text)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
    words++;
  }
  return words;
}

/**
 * The vocabulary of counted words: by falling count, equal counts by first
 * occurrence. `<unk>` and `<eos>` are always there, where the text lacks them
 * at the end.
 *
 * @throws {ConfigError} `ERR_CONFIG` for a size below 3 or a count below 1.
 * @throws {DatasetError} `ERR_DATASET` if no word was counted, or none is left.
 * @example
 * const counts = new Map<string, number>();
 * countWords(counts, "a b a\n");
 * wordVocabulary(counts).words; // ["a", "b", "<eos>", "<unk>"]
 */
export function wordVocabulary(
  counts: ReadonlyMap<string, number>,
  options: WordVocabularyOptions = {},
): WordVocabulary {
  const { size, minimumCount = 1 } = options;
  if (size !== undefined) assertInteger("wordVocabulary", "size", size, 3);
  assertInteger("wordVocabulary", "minimumCount", minimumCount, 1);
  const always = new Set([lineEnd, unknownWord]);
  const frequent = [...counts]
    .filter(([word, count]) => count >= minimumCount && !always.has(word))
    .sort(([, a], [, b]) => b - a)
    .slice(0, size === undefined ? undefined : size - always.size);
  if (frequent.length === 0) {
    throw new DatasetError(
      counts.size === 0
        ? "wordVocabulary: the text must have words, got none"
        : `wordVocabulary: minimumCount must leave words, got ${minimumCount}, which none of ${counts.size} reaches`,
    );
  }
  const kept = new Set([...frequent.map(([word]) => word), ...always]);
  const found = [...counts].filter(([word]) => kept.has(word));
  const lacking = [...always].filter((word) => !counts.has(word));
  return fromWords([...found.sort(([, a], [, b]) => b - a).map(([word]) => word), ...lacking]);
}

/** Ids of a text's words, and how many words the vocabulary lacks (`<unk>` in the text is not among them). */
export function encodeWords(vocabulary: WordVocabulary, text: string): EncodedText {
  const ids: number[] = [];
  let unknown = 0;
  for (const word of wordsOf(text)) {
    const id = vocabulary.ids.get(word);
    if (id === undefined) unknown++;
    ids.push(id ?? vocabulary.unknown);
  }
  return { ids: Int32Array.from(ids), unknown };
}

/**
 * Text of ids: words with one space between them, the end of a line as a line feed.
 *
 * @throws {DatasetError} `ERR_DATASET` naming the position of an id the vocabulary lacks.
 */
export function decodeWords(vocabulary: WordVocabulary, ids: ArrayLike<number>): string {
  let text = "";
  for (let i = 0; i < ids.length; i++) text += wordText(vocabulary, ids[i] as number, i);
  return text.replace(/^ /, "");
}

/** What a word adds to a text: a space and itself, or a line feed. */
export function wordText({ words, lineEnd: end, size }: WordVocabulary, id: number, index: number): string {
  const word = words[id];
  if (word === undefined) {
    throw new DatasetError(`decode: ids[${index}] must be from 0 to ${size - 1}, got ${id}`);
  }
  return id === end ? "\n" : ` ${word}`;
}

/** A vocabulary as JSON, for the run directory. */
export function wordVocabularyToJson({ words }: WordVocabulary): WordVocabularyJson {
  return { format: "infinite-former/words", version: 1, words };
}

/**
 * A vocabulary from its JSON; untrusted.
 *
 * @throws {DatasetError} `ERR_DATASET` unless format and version are known, and
 *   the words are distinct, without white space, `<eos>` and `<unk>` among them.
 */
export function wordVocabularyFromJson(json: unknown): WordVocabulary {
  const { format, version, words } = (json ?? {}) as Partial<Record<string, unknown>>;
  if (format !== "infinite-former/words" || version !== 1 || !Array.isArray(words)) {
    throw new DatasetError(
      'wordVocabularyFromJson: json must be {"format":"infinite-former/words","version":1,"words":[…]}, ' +
        `got format ${JSON.stringify(format)}, version ${JSON.stringify(version)}`,
    );
  }
  const seen = new Set<string>();
  words.forEach((word: unknown, i) => {
    if (typeof word !== "string" || word === "" || /\s/u.test(word) || seen.has(word)) {
      throw new DatasetError(
        `wordVocabularyFromJson: words must be distinct and without white space, got ${JSON.stringify(word)} at ${i}`,
      );
    }
    seen.add(word);
  });
  for (const word of [lineEnd, unknownWord]) {
    if (!seen.has(word)) throw new DatasetError(`wordVocabularyFromJson: words must have ${word}, got none`);
  }
  return fromWords(words as string[]);
}

const wordOrLineEnd = /\n|\S+/gu;

/** The words of a text in order; `<eos>` for each line feed. */
function* wordsOf(text: string): Generator<string, void, undefined> {
  for (const [word] of text.matchAll(wordOrLineEnd)) yield word === "\n" ? lineEnd : word;
}
