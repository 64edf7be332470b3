import { DatasetError } from "../errors.js";
import type { BytePairVocabulary } from "./vocabulary.js";

/** Text of ids; those within the vocabulary that it gives no token stand for nothing, bytes that are no UTF-8 become U+FFFD. */
export function decodeBytePairs(vocabulary: BytePairVocabulary, ids: ArrayLike<number>): string {
  const pieces = Array.from(ids, (id, index) => bytesOfId(vocabulary, id, index));
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

const none = new Uint8Array();

/**
 * What an id stands for: nothing where a vocabulary leaves it out.
 *
 * @throws {DatasetError} `ERR_DATASET` for an id outside the vocabulary.
 */
export function bytesOfId(vocabulary: BytePairVocabulary, id: number, index: number): Uint8Array {
  const bytes = vocabulary.bytes[id];
  if (bytes !== undefined) return bytes;
  if (Number.isInteger(id) && id >= 0 && id < vocabulary.size) return none;
  const must = `be the id of a token, from 0 to ${vocabulary.size - 1}`;
  throw new DatasetError(`decode: ids[${index}] must ${must}, got ${id}`);
}
