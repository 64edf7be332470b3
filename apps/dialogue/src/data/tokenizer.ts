import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "@infinite-former/command-line";
import {
  type BytePairVocabulary,
  tokenizerFromRanks,
  tokensFromRankedLines,
} from "@infinite-former/datasets";
import { readTokenizer } from "@infinite-former/datasets/node";

/**
 * The tokenizer of a run: what `data.tokenizer` names, else that of the folder
 * that the run starts from, else GPT-2's own.
 *
 * @param from a folder in Hugging Face layout; `null` for new weights.
 * @throws {DatasetError} `ERR_DATASET` naming the file that is missing or damaged.
 */
export async function openTokenizer(
  named: string | null,
  from: string | null,
  cwd: string,
): Promise<BytePairVocabulary> {
  if (named === "gpt2") return gpt2Tokenizer();
  if (named !== null) return readTokenizer(resolve(cwd, named));
  if (from === null) return gpt2Tokenizer();
  const has = (name: string): boolean => existsSync(join(from, name));
  if (has("tokenizer.json") || (has("vocab.json") && has("merges.txt"))) return readTokenizer(from);
  throw new UsageError(
    `${from}: holds no tokenizer.json, and no vocab.json with merges.txt; give --set data.tokenizer=gpt2 or a folder`,
  );
}

async function gpt2Tokenizer(): Promise<BytePairVocabulary> {
  const { default: ranks } = await import("js-tiktoken/ranks/gpt2");
  return tokenizerFromRanks(tokensFromRankedLines(ranks.bpe_ranks), ranks.special_tokens);
}
