import { ConfigError, DatasetError } from "./errors.js";
import { encode, type Vocabulary } from "./vocabulary.js";

/** Tokens of one or more documents, one after the other. */
export interface TokenDocuments {
  readonly tokens: Int32Array | Uint16Array;
  /** Where each document starts, increasing, the first at 0. */
  readonly starts: readonly number[];
  /** How many tokens are the vocabulary's unknown symbol. */
  readonly unknown: number;
}

/** Encodes texts, each a document of its own. */
export function encodeDocuments(vocabulary: Vocabulary, texts: readonly string[]): TokenDocuments {
  const encoded = texts.map((text) => encode(vocabulary, text));
  const tokens = new Int32Array(encoded.reduce((sum, { ids }) => sum + ids.length, 0));
  const starts: number[] = [];
  let offset = 0;
  for (const { ids } of encoded) {
    starts.push(offset);
    tokens.set(ids, offset);
    offset += ids.length;
  }
  return { tokens, starts, unknown: encoded.reduce((sum, { unknown }) => sum + unknown, 0) };
}

/** @throws {ConfigError} unless `starts` begin at 0, never decrease and lie within the tokens. */
export function assertStarts(where: string, starts: readonly number[], length: number): void {
  const wrong = starts.findIndex((start, i) => {
    return !Number.isInteger(start) || start > length || (i === 0 ? start !== 0 : start < starts[i - 1]!);
  });
  if (starts.length > 0 && wrong === -1) return;
  throw new ConfigError(
    `${where}: documents must start at 0 and go up to at most ${length}, ` +
      (wrong === -1 ? "got none" : `got ${starts[wrong]} at ${wrong}`),
    "documents",
  );
}

/** @throws {DatasetError} naming the position, counted from `start`, of the first id outside `0 … vocabularySize - 1`. */
export function assertTokens(
  where: string,
  tokens: ArrayLike<number>,
  vocabularySize: number,
  start = 0,
): void {
  for (let i = 0; i < tokens.length; i++) {
    const id = tokens[i]!;
    if (id < 0 || id >= vocabularySize) {
      throw new DatasetError(
        `${where}: tokens[${start + i}] must be from 0 to ${vocabularySize - 1}, got ${id}`,
      );
    }
  }
}
