import { DatasetError } from "../errors.js";
import { type BytePairVocabulary, bytePairVocabulary, isId, mostIds } from "./vocabulary.js";

/** The token at the end of GPT-2's documents. */
const endOfText = "<|endoftext|>";

/** Name of the file of tokens that were added to such a pair of files. */
export const addedTokensName = "added_tokens.json";

/**
 * A vocabulary from the older pair of files; untrusted.
 *
 * @param vocabulary parsed `vocab.json`: id by token.
 * @param merges text of `merges.txt`: two tokens a line, the first merged first.
 * @param special tokens that stand in a text under their own names; by
 *   default `<|endoftext|>`, where the vocabulary has it.
 * @param added parsed `added_tokens.json`: id by token of more such tokens,
 *   in the vocabulary or not.
 * @throws {DatasetError} `ERR_DATASET` naming the line or token at fault; with
 *   `file` where that is `added_tokens.json`.
 */
export function tokenizerFromMerges(
  vocabulary: unknown,
  merges: string,
  special?: readonly string[],
  added: unknown = {},
): BytePairVocabulary {
  const ids = idsByToken("vocab.json", vocabulary);
  const more = idsByToken(addedTokensName, added);
  assertAdded(more, ids);
  const names = special ?? (ids.has(endOfText) ? [endOfText] : []);
  return bytePairVocabulary("vocab.json and merges.txt", {
    vocabulary: ids,
    merges: merges.split("\n").flatMap(mergeOf),
    special: [...new Set([...names, ...more.keys()])].map((text) => {
      const id = more.get(text) ?? ids.get(text);
      if (typeof id === "number") return { text, id, late: false, special: true };
      throw new DatasetError(`vocab.json: special token ${JSON.stringify(text)} must have an id, got none`);
    }),
  });
}

function idsByToken(file: string, json: unknown): Map<string, unknown> {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) {
    return new Map(Object.entries(json as Record<string, unknown>));
  }
  throw new DatasetError(`${file}: the file must be an object of ids by token, got another value`, { file });
}

/** @throws {DatasetError} naming the added token that has no id, another one in the vocabulary, or that of another token. */
function assertAdded(added: ReadonlyMap<string, unknown>, ids: ReadonlyMap<string, unknown>): void {
  const tokens = new Map([...ids].map(([token, id]) => [id, token]));
  for (const [token, id] of added) {
    const refuse = (must: string): never => {
      const problem = `id of ${JSON.stringify(token.slice(0, 40))} must ${must}, got ${JSON.stringify(id)}`;
      throw new DatasetError(`${addedTokensName}: ${problem}`, { file: addedTokensName });
    };
    if (token === "") refuse("be that of a token with a text");
    if (!isId(id)) refuse(`be a whole number from 0 to ${mostIds - 1}`);
    const own = ids.get(token);
    if (own !== undefined && own !== id) refuse(`be ${JSON.stringify(own)}, as in vocab.json`);
    const other = tokens.get(id) ?? token;
    if (other !== token) refuse(`differ from that of ${JSON.stringify(other.slice(0, 40))}`);
    tokens.set(id, token);
  }
}

function mergeOf(line: string, index: number): (readonly [string, string])[] {
  const text = line.replace(/\r$/, "");
  if (text === "" || text.startsWith("#version")) return [];
  const [left, right, ...more] = text.split(" ");
  if (left && right && more.length === 0) return [[left, right]];
  const shown = JSON.stringify(text.slice(0, 60));
  throw new DatasetError(
    `merges.txt: line ${index + 1} must be two tokens with a space between, got ${shown}`,
  );
}
