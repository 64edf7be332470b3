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
    const count = codePoints(text);
    const start = at < from ? unitsOf(text, from - at) : 0;
    const end = at + count > to ? unitsOf(text, to - at) : text.length;
    at += count;
    if (end <= start) continue;
    yield { text: text.slice(start, end), first: first || !begun };
    begun = true;
  }
}

function codePoints(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00) count++;
  return count;
}

/** UTF-16 units of the first so many code points. */
function unitsOf(text: string, count: number): number {
  let units = 0;
  let seen = 0;
  for (const character of text) {
    if (seen++ >= count) break;
    units += character.length;
  }
  return units;
}
