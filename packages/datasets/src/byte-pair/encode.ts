import type { EncodedText } from "../encoded-text.js";
import { mergePairs } from "./merge.js";
import type { BytePairVocabulary, SpecialToken } from "./vocabulary.js";
import { words } from "./words.js";

/** Words met before, by vocabulary: most of a text. Emptied where it would grow beyond `mostWords`. */
const known = new WeakMap<BytePairVocabulary, Map<string, readonly number[]>>();
const mostWords = 2 ** 16;
/** A longer word is hardly met again. */
const longestWord = 64;

const utf8 = new TextEncoder();

/** Ids of a text: special tokens under their names, all else by merged bytes. */
export function encodeBytePairs(vocabulary: BytePairVocabulary, text: string): EncodedText {
  const ids = new GrowingIds(text.length);
  for (const piece of splitSpecial(vocabulary.special, text)) {
    if (typeof piece === "number") ids.push(piece);
    else for (const word of words(piece)) for (const id of idsOfWord(vocabulary, word)) ids.push(id);
  }
  return { ids: ids.done(), unknown: 0 };
}

function idsOfWord(vocabulary: BytePairVocabulary, word: string): readonly number[] {
  const cache = known.get(vocabulary) ?? new Map<string, readonly number[]>();
  known.set(vocabulary, cache);
  const found = cache.get(word);
  if (found !== undefined) return found;
  const symbols = Int32Array.from(utf8.encode(word), (byte) => vocabulary.byteIds[byte] as number);
  const ids = mergePairs(vocabulary, symbols);
  if (word.length > longestWord) return ids;
  if (cache.size >= mostWords) cache.clear();
  cache.set(word, ids);
  return ids;
}

/** A text cut at its special tokens, which are given as ids: at each place the longest. */
function splitSpecial(special: readonly SpecialToken[], text: string): (string | number)[] {
  return [false, true].reduce<(string | number)[]>(
    (pieces, late) => {
      const group = special.filter((token) => token.late === late);
      if (group.length === 0) return pieces;
      const ids = new Map(group.map((token) => [token.text, token.id]));
      const names = [...ids.keys()].sort((a, b) => b.length - a.length);
      const pattern = new RegExp(`(${names.map(escaped).join("|")})`, "u");
      return pieces.flatMap((piece) =>
        typeof piece === "number"
          ? [piece]
          : piece.split(pattern).map((part, i) => (i % 2 === 1 ? (ids.get(part) as number) : part)),
      );
    },
    [text],
  );
}

function escaped(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** Ids in an array that grows as they come; there is never more than one a byte. */
class GrowingIds {
  #ids: Int32Array;
  #length = 0;

  constructor(expected: number) {
    this.#ids = new Int32Array(expected);
  }

  push(id: number): void {
    if (this.#length === this.#ids.length) {
      const wider = new Int32Array(2 * this.#length + 16);
      wider.set(this.#ids);
      this.#ids = wider;
    }
    this.#ids[this.#length++] = id;
  }

  done(): Int32Array {
    return this.#ids.slice(0, this.#length);
  }
}
