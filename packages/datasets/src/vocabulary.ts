import { decodeBytePairs } from "./byte-pair/decode.js";
import { encodeBytePairs } from "./byte-pair/encode.js";
import type { BytePairVocabulary } from "./byte-pair/vocabulary.js";
import { type CharacterVocabulary, decodeCharacters, encodeCharacters } from "./character-vocabulary.js";
import type { EncodedText } from "./encoded-text.js";
import { decodeWords, encodeWords, type WordVocabulary } from "./word-vocabulary.js";

/** Token ↔ id, by characters, by words or by pieces of bytes. */
export type Vocabulary = CharacterVocabulary | WordVocabulary | BytePairVocabulary;

/**
 * Ids of a text. With a byte-pair vocabulary nothing is unknown, and
 * `decode(encode(text)) = text` for every well-formed string; half a surrogate
 * pair becomes U+FFFD.
 */
export function encode(vocabulary: Vocabulary, text: string): EncodedText {
  if ("characters" in vocabulary) return encodeCharacters(vocabulary, text);
  if ("words" in vocabulary) return encodeWords(vocabulary, text);
  return encodeBytePairs(vocabulary, text);
}

/**
 * Text of ids. The unknown symbol of a character vocabulary, and bytes that
 * are no UTF-8, become U+FFFD; words have one space between them.
 *
 * @throws {DatasetError} `ERR_DATASET` naming the position of an id the vocabulary lacks.
 */
export function decode(vocabulary: Vocabulary, ids: ArrayLike<number>): string {
  if ("characters" in vocabulary) return decodeCharacters(vocabulary, ids);
  if ("words" in vocabulary) return decodeWords(vocabulary, ids);
  return decodeBytePairs(vocabulary, ids);
}
