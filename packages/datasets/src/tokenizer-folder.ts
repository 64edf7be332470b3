import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { tokenizerFromJson } from "./byte-pair/tokenizer-json.js";
import type { BytePairVocabulary } from "./byte-pair/vocabulary.js";
import { tokenizerFromMerges } from "./byte-pair/vocabulary-files.js";
import { DatasetError } from "./errors.js";

/** Larger than the largest vocabulary of today. */
const largest = 64 * 2 ** 20;

/**
 * The tokenizer of a model folder: `tokenizer.json`, or `vocab.json` with `merges.txt`.
 *
 * @param special for the pair of files: tokens that stand in a text under
 *   their own names; by default `<|endoftext|>`, where the vocabulary has it.
 * @throws {DatasetError} `ERR_DATASET` with `file`: no such files, one that is
 *   too large or not JSON, or a tokenizer of another kind.
 */
export async function readTokenizer(
  folder: string,
  special?: readonly string[],
): Promise<BytePairVocabulary> {
  const one = join(folder, "tokenizer.json");
  const text = await readIfThere(one);
  if (text !== null) return inFile(one, () => tokenizerFromJson(parsed(text)));
  const pair = [join(folder, "vocab.json"), join(folder, "merges.txt")] as const;
  const [vocabulary, merges] = [await readIfThere(pair[0]), await readIfThere(pair[1])];
  if (vocabulary === null || merges === null) {
    throw new DatasetError(
      `readTokenizer: ${folder} must hold tokenizer.json, or vocab.json and merges.txt, got neither`,
      { file: folder },
    );
  }
  return inFile(pair[0], () => tokenizerFromMerges(parsed(vocabulary), merges, special));
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    const found = await stat(path);
    if (!found.isFile())
      throw new DatasetError(`readTokenizer: ${path} must be a file, got something else`, { file: path });
    if (found.size <= largest) return await readFile(path, "utf8");
    throw new DatasetError(`readTokenizer: ${path} must have at most ${largest} bytes, got ${found.size}`, {
      file: path,
    });
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    throw new DatasetError(`readTokenizer: ${path} must be readable: ${message}`, {
      file: path,
      cause: error,
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DatasetError(`the file must be JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Says in which file a fault lies. */
function inFile(file: string, read: () => BytePairVocabulary): BytePairVocabulary {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    throw new DatasetError(`readTokenizer: ${file}: ${error.message}`, { file, cause: error });
  }
}
