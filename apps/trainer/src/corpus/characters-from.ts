import { codePointCount, unitsOfCodePoints } from "@infinite-former/datasets";
import type { TextPiece } from "@infinite-former/datasets/node";

/**
 * The part of a corpus from code point `from` up to `to`, document borders
 * kept: pieces that lie across a border are cut there, never within a character.
 */
export async function* charactersFrom(
  pieces: AsyncIterable<TextPiece> | Iterable<TextPiece>,
  from: number,
  to: number,
): AsyncGenerator<TextPiece, void, undefined> {
  let at = 0;
  let begun = false;
  for await (const { text, first } of pieces) {
    if (at >= to) return;
    const count = codePointCount(text);
    const start = at < from ? unitsOfCodePoints(text, from - at) : 0;
    const end = at + count > to ? unitsOfCodePoints(text, to - at) : text.length;
    at += count;
    if (end <= start) continue;
    yield { text: text.slice(start, end), first: first || !begun };
    begun = true;
  }
}
