import { readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { tokenizerFromJson } from "./byte-pair/tokenizer-json.js";
import type { BytePairVocabulary } from "./byte-pair/vocabulary.js";
import { addedTokensName, tokenizerFromMerges } from "./byte-pair/vocabulary-files.js";
import { DatasetError } from "./errors.js";

/** Larger than the largest vocabulary of today. */
const largest = 64 * 2 ** 20;

/**
 * The tokenizer of a model folder, `tokenizer.json`, or `vocab.json` with
 * `merges.txt`, and `added_tokens.json` where that is beside them; or of a
 * file that is named itself.
 *
 * @param path the folder; or a file in the form of `tokenizer.json` whatever
 *   its name, or one of the pair by its name.
 * @param special for the pair of files: tokens that stand in a text under
 *   their own names; by default `<|endoftext|>`, where the vocabulary has it.
 * @throws {DatasetError} `ERR_DATASET` with `file`: no such files, one that is
 *   too large or not JSON, or a tokenizer of another kind.
 */
export async function readTokenizer(path: string, special?: readonly string[]): Promise<BytePairVocabulary> {
  const entry = await stat(path).catch(() => null);
  if (entry === null) {
    throw new DatasetError(`readTokenizer: ${path} must be a tokenizer's folder or file: no such file`, {
      file: path,
    });
  }
  if (!entry.isFile()) return (await readOne(join(path, "tokenizer.json"))) ?? readPair(path, special);
  const name = basename(path);
  if (name === pairNames[0] || name === pairNames[1]) return readPair(dirname(path), special);
  if (extname(name) !== ".json") {
    throw new DatasetError(
      `readTokenizer: ${path} must be a tokenizer.json, or vocab.json or merges.txt, got another kind of file`,
      { file: path },
    );
  }
  return (await readOne(path)) as BytePairVocabulary;
}

const pairNames = ["vocab.json", "merges.txt"] as const;

async function readOne(path: string): Promise<BytePairVocabulary | null> {
  const text = await readIfThere(path);
  return text === null ? null : inFile(path, () => tokenizerFromJson(parsed(text)));
}

async function readPair(folder: string, special?: readonly string[]): Promise<BytePairVocabulary> {
  const [first, second] = [join(folder, pairNames[0]), join(folder, pairNames[1])];
  const [vocabulary, merges] = [await readIfThere(first), await readIfThere(second)];
  if (vocabulary !== null && merges !== null) {
    const third = join(folder, addedTokensName);
    const added = await readIfThere(third);
    const more = added === null ? {} : inFile(third, () => parsed(added));
    return inFile(first, () => tokenizerFromMerges(parsed(vocabulary), merges, special, more));
  }
  const got = vocabulary !== null ? "no merges.txt" : merges !== null ? "no vocab.json" : "neither";
  throw new DatasetError(
    `readTokenizer: ${folder} must hold tokenizer.json, or vocab.json and merges.txt, got ${got}`,
    { file: folder },
  );
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

/** Says in which file a fault lies, where that is not said yet. */
function inFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    const file = error.file === undefined ? path : join(dirname(path), error.file);
    throw new DatasetError(`readTokenizer: ${file}: ${error.message}`, { file, cause: error });
  }
}
