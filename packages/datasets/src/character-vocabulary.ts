import type { EncodedText } from "./encoded-text.js";
import { DatasetError } from "./errors.js";

/**
 * A vocabulary of characters (Unicode code points) with one symbol for all
 * others. Ids `0 … n-1` are the characters in increasing code point, id `n`
 * is the unknown symbol.
 */
export interface CharacterVocabulary {
  readonly characters: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
  /** Id of every character outside the vocabulary. */
  readonly unknown: number;
  /** Number of ids, the unknown symbol included. */
  readonly size: number;
}

/** A vocabulary as JSON. */
export interface CharacterVocabularyJson {
  readonly format: "infinite-former/characters";
  readonly version: 1;
  /** All characters, in order, as one string. */
  readonly characters: string;
}

const replacement = "\ufffd";

function fromCharacters(characters: readonly string[]): CharacterVocabulary {
  const ids = new Map(characters.map((character, id) => [character, id]));
  return { characters, ids, unknown: characters.length, size: characters.length + 1 };
}

/**
 * The vocabulary of all characters in a text (the training text: a character
 * that only the validation text has is unknown).
 *
 * @throws {DatasetError} `ERR_DATASET` if the text is empty.
 */
export function characterVocabulary(text: string): CharacterVocabulary {
  if (text.length === 0) {
    throw new DatasetError("characterVocabulary: text must have at least one character, got none");
  }
  return fromCharacters([...new Set(text)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!));
}

/** Ids of a text's characters, and how many were unknown. */
export function encodeCharacters(vocabulary: CharacterVocabulary, text: string): EncodedText {
  const ids = new Int32Array(text.length);
  let length = 0;
  let unknown = 0;
  for (const character of text) {
    const id = vocabulary.ids.get(character);
    if (id === undefined) unknown++;
    ids[length++] = id ?? vocabulary.unknown;
  }
  return { ids: ids.slice(0, length), unknown };
}

/**
 * Text of ids; the unknown symbol becomes U+FFFD.
 *
 * @throws {DatasetError} `ERR_DATASET` naming the position of an id the vocabulary lacks.
 */
export function decodeCharacters(vocabulary: CharacterVocabulary, ids: ArrayLike<number>): string {
  let text = "";
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    const character = id === vocabulary.unknown ? replacement : vocabulary.characters[id];
    if (character === undefined) {
      throw new DatasetError(`decode: ids[${i}] must be from 0 to ${vocabulary.size - 1}, got ${id}`);
    }
    text += character;
  }
  return text;
}

/** A vocabulary as JSON, for the run directory. */
export function vocabularyToJson(vocabulary: CharacterVocabulary): CharacterVocabularyJson {
  return { format: "infinite-former/characters", version: 1, characters: vocabulary.characters.join("") };
}

/**
 * A vocabulary from its JSON; untrusted.
 *
 * @throws {DatasetError} `ERR_DATASET` unless format and version are known and
 *   the characters are distinct and in order.
 */
export function vocabularyFromJson(json: unknown): CharacterVocabulary {
  const { format, version, characters } = (json ?? {}) as Partial<Record<string, unknown>>;
  if (format !== "infinite-former/characters" || version !== 1 || typeof characters !== "string") {
    throw new DatasetError(
      'vocabularyFromJson: json must be {"format":"infinite-former/characters","version":1,"characters":"…"}, ' +
        `got format ${JSON.stringify(format)}, version ${JSON.stringify(version)}`,
    );
  }
  const list = [...characters];
  const disorder = list.findIndex((c, i) => i > 0 && c.codePointAt(0)! <= list[i - 1]!.codePointAt(0)!);
  if (list.length === 0 || disorder !== -1) {
    throw new DatasetError(
      "vocabularyFromJson: characters must be distinct and in increasing code point, " +
        (list.length === 0 ? "got none" : `got ${JSON.stringify(list[disorder])} at ${disorder}`),
    );
  }
  return fromCharacters(list);
}
