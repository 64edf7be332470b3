import type { TextPiece } from "@infinite-former/datasets/node";
import { charactersFrom } from "./characters-from.js";
import type { SplitName } from "./corpus.js";

/** One of two splits of a text: its first `border` code points train, the rest validates. */
export function cutInTwo(
  pieces: AsyncIterable<TextPiece> | Iterable<TextPiece>,
  split: SplitName,
  border: number,
): AsyncGenerator<TextPiece> {
  return split === "train"
    ? charactersFrom(pieces, 0, border)
    : charactersFrom(pieces, border, Number.POSITIVE_INFINITY);
}
