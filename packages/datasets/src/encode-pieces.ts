import { codePointCount } from "./code-points.js";
import type { TextPiece } from "./text-pieces.js";
import type { TokenCounts } from "./token-file.js";
import { encode, type Vocabulary } from "./vocabulary.js";

/** Where encoded pieces go. */
export interface TokenSink {
  append(ids: ArrayLike<number>, first: boolean): Promise<void> | void;
}

/**
 * Encodes pieces one by one: as their joined text would be, where they end
 * before white space (or the vocabulary is one of characters).
 *
 * @returns what was counted on the way.
 */
export async function encodePieces(
  vocabulary: Vocabulary,
  pieces: AsyncIterable<TextPiece> | Iterable<TextPiece>,
  sink: TokenSink,
): Promise<Omit<TokenCounts, "starts">> {
  let tokens = 0;
  let unknown = 0;
  let characters = 0;
  let words = 0;
  let lines = 0;
  let within = false; // whether a word goes on from the piece before
  for await (const { text, first } of pieces) {
    const encoded = encode(vocabulary, text);
    await sink.append(encoded.ids, first);
    tokens += encoded.ids.length;
    unknown += encoded.unknown;
    characters += codePointCount(text);
    lines += occurrences(text, /\n/g);
    words += occurrences(text, /\S+/gu) - (within && !first && /^\S/u.test(text) ? 1 : 0);
    within = text === "" ? within && !first : /\S$/u.test(text);
  }
  return { tokens, unknown, characters, words, lines };
}

function occurrences(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
