import { DatasetError } from "../errors.js";
import { type BytePairVocabulary, bytePairVocabulary } from "./vocabulary.js";

/** The token at the end of GPT-2's documents. */
const endOfText = "<|endoftext|>";

/**
 * A vocabulary from the older pair of files; untrusted.
 *
 * @param vocabulary parsed `vocab.json`: id by token.
 * @param merges text of `merges.txt`: two tokens a line, the first merged first.
 * @param special tokens that stand in a text under their own names; by
 *   default `<|endoftext|>`, where the vocabulary has it.
 * @throws {DatasetError} `ERR_DATASET` naming the line or token at fault.
 */
export function tokenizerFromMerges(
  vocabulary: unknown,
  merges: string,
  special?: readonly string[],
): BytePairVocabulary {
  if (typeof vocabulary !== "object" || vocabulary === null || Array.isArray(vocabulary)) {
    throw new DatasetError("vocab.json: the file must be an object of ids by token, got another value");
  }
  const ids = new Map(Object.entries(vocabulary as Record<string, unknown>));
  const names = special ?? (ids.has(endOfText) ? [endOfText] : []);
  return bytePairVocabulary("vocab.json and merges.txt", {
    vocabulary: ids,
    merges: merges.split("\n").flatMap(mergeOf),
    special: names.map((text) => {
      const id = ids.get(text);
      if (typeof id === "number") return { text, id, late: false };
      throw new DatasetError(`vocab.json: special token ${JSON.stringify(text)} must have an id, got none`);
    }),
  });
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
