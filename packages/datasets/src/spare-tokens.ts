import type { BytePairVocabulary } from "./byte-pair/vocabulary.js";
import type { Vocabulary } from "./vocabulary.js";

/**
 * Rows of a model's token table that stand for no token: those after the
 * vocabulary's, and ids that it leaves out. Tables are padded to a round size,
 * and tokenizers leave ids out.
 *
 * @param rows of the table.
 * @returns ids, ascending.
 */
export function spareTokens(vocabulary: Pick<Vocabulary, "size">, rows: number): number[] {
  const { tokens, size } = vocabulary as Partial<BytePairVocabulary> & Pick<Vocabulary, "size">;
  const ids = Array.from({ length: rows }, (_, id) => id);
  return ids.filter((id) => id >= size || (tokens !== undefined && tokens[id] === undefined));
}
