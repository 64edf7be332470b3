import { DatasetError } from "../errors.js";
import { byteSymbols, bytesOfToken } from "./alphabet.js";

/** A token that stands in a text under its own name, such as `<|endoftext|>`. */
export interface SpecialToken {
  readonly text: string;
  readonly id: number;
  /** Whether it is looked for after those for which this is false, in what they leave of a text. */
  readonly late: boolean;
  /** What a `tokenizer.json` says of it: whether decoding that passes over special tokens passes over it. */
  readonly special: boolean;
}

/** A byte-level byte-pair vocabulary as GPT-2's: every text has ids, no token is unknown. */
export interface BytePairVocabulary {
  /** By id, in the alphabet of vocabulary files; `undefined` where no token has the id. */
  readonly tokens: readonly (string | undefined)[];
  /** By id: what the token stands for. */
  readonly bytes: readonly (Uint8Array | undefined)[];
  readonly ids: ReadonlyMap<string, number>;
  /** Id of each single byte's token. */
  readonly byteIds: Int32Array;
  /** Rank of a pair of neighbours, `left · size + right`, in the order of ranks; the least is merged first. */
  readonly ranks: ReadonlyMap<number, number>;
  /** By rank: the token that a pair becomes. */
  readonly merged: Int32Array;
  readonly special: readonly SpecialToken[];
  /** Largest id plus one. */
  readonly size: number;
}

/** What vocabulary files say; untrusted. */
export interface BytePairFiles {
  readonly vocabulary: Iterable<readonly [token: string, id: unknown]>;
  readonly merges: Iterable<readonly [left: string, right: string]>;
  readonly special: readonly SpecialToken[];
}

/** More than any vocabulary has, little enough for tables by id. */
export const mostIds: number = 2 ** 22;

export function isId(id: unknown): id is number {
  return Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < mostIds;
}

/**
 * A vocabulary from what its files say.
 *
 * @param where what to call them in errors.
 * @throws {DatasetError} `ERR_DATASET` unless ids are whole, in range and
 *   distinct, every byte has a token, and every merge joins tokens into one.
 */
export function bytePairVocabulary(where: string, files: BytePairFiles): BytePairVocabulary {
  const ids = new Map<string, number>();
  const tokens: (string | undefined)[] = [];
  const put = (token: string, id: unknown): void => {
    if (!isId(id)) {
      throw fault(
        where,
        `id of ${quoted(token)} must be a whole number from 0 to ${mostIds - 1}, got ${String(id)}`,
      );
    }
    const taken = tokens[id] ?? token;
    if (taken !== token)
      throw fault(where, `ids must differ, got ${id} for ${quoted(taken)} and ${quoted(token)}`);
    tokens[id] = token;
    ids.set(token, id);
  };
  for (const [token, id] of files.vocabulary) put(token, id);
  for (const { text, id } of files.special) {
    if (text === "") throw fault(where, "a special token must have a text, got an empty one");
    if ((ids.get(text) ?? id) !== id)
      throw fault(where, `${quoted(text)} must have one id, got ${ids.get(text)} and ${id}`);
    put(text, id);
  }
  const size = tokens.length;
  const named = new Map(files.special.map(({ id, text }) => [id, new TextEncoder().encode(text)]));
  return {
    tokens: Array.from(tokens),
    bytes: Array.from(
      tokens,
      (token, id) => named.get(id) ?? (token === undefined ? undefined : bytesOfToken(token)),
    ),
    ids,
    byteIds: Int32Array.from(byteSymbols, (symbol, byte) => {
      return ids.get(symbol) ?? missing(where, `every byte, got none for byte ${byte} (${quoted(symbol)})`);
    }),
    ...mergeTables(where, ids, size, files.merges),
    special: files.special,
    size,
  };
}

function mergeTables(
  where: string,
  ids: ReadonlyMap<string, number>,
  size: number,
  merges: BytePairFiles["merges"],
): Pick<BytePairVocabulary, "ranks" | "merged"> {
  const ranks = new Map<number, number>();
  const merged: number[] = [];
  const idOf = (token: string, rank: number): number =>
    ids.get(token) ??
    missing(where, `every part and result of a merge, got none for ${quoted(token)} of merge ${rank}`);
  let rank = 0;
  for (const [left, right] of merges) {
    const pair = idOf(left, rank) * size + idOf(right, rank);
    merged.push(idOf(left + right, rank));
    if (!ranks.has(pair)) ranks.set(pair, rank);
    rank++;
  }
  return { ranks, merged: Int32Array.from(merged) };
}

function missing(where: string, what: string): never {
  throw fault(where, `there must be a token for ${what}`);
}

function fault(where: string, text: string): DatasetError {
  return new DatasetError(`${where}: ${text}`);
}

function quoted(token: string): string {
  return JSON.stringify(token.length > 40 ? `${token.slice(0, 40)}…` : token);
}
