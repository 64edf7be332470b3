import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { arrayTokens, encodePieces, type TokenSource, type Vocabulary } from "@infinite-former/datasets";
import { openTokenFile, type TokenCounts, writeTokenFile } from "@infinite-former/datasets/node";
import { type Corpus, named, type SplitName } from "./corpus.js";
import { cutFor, vocabularySha256 } from "./run-vocabulary.js";

/** One split as token ids. */
export interface EncodedSplit extends TokenCounts {
  readonly source: TokenSource;
  /** Lets go of a file; nothing where the tokens are in memory. */
  close(): void;
}

/** How splits are encoded. */
export interface EncodeOptions {
  /** Folder for the tokens of corpora that are kept on disk. */
  readonly folder: string;
  /** Characters from which on a split's tokens are kept on disk; 64 Mi by default. */
  readonly onDiskFrom?: number;
  /** What named the text, for messages; `data.text` by default. */
  readonly option?: string;
}

/**
 * A split's tokens: in memory, or, from 64 Mi characters on, in a file that a
 * later run finds again.
 *
 * @throws {UsageError} `ERR_USAGE` naming field and file where the text cannot be read.
 */
export async function encodeSplit(
  corpus: Corpus,
  split: SplitName,
  vocabulary: Vocabulary,
  { folder, onDiskFrom = 2 ** 26, option = "data.text" }: EncodeOptions,
): Promise<EncodedSplit> {
  const pieces = corpus.pieces(split, cutFor(vocabulary));
  if ((corpus.characters[split] ?? 0) < onDiskFrom) return named(option, () => inMemory(vocabulary, pieces));
  const key = `${corpus.sha256.slice(0, 16)}-${(await vocabularySha256(vocabulary)).slice(0, 16)}`;
  const name = `${split}-${corpus.characters.train ?? 0}-${key}.tokens`;
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  const file = await openTokenFile(path).catch(async () => {
    const writer = await writeTokenFile(path, vocabulary.size);
    try {
      return await writer.finish(await named(option, () => encodePieces(vocabulary, pieces, writer)));
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  });
  return { ...file, source: file };
}

/** Tokens of a split's longest document: from 2 on there is something to predict. */
export function longestDocument({ starts, tokens }: TokenCounts): number {
  return starts.reduce((longest, start, i) => Math.max(longest, (starts[i + 1] ?? tokens) - start), 0);
}

async function inMemory(vocabulary: Vocabulary, pieces: ReturnType<Corpus["pieces"]>): Promise<EncodedSplit> {
  const parts: Int32Array[] = [];
  const starts: number[] = [];
  let length = 0;
  const counts = await encodePieces(vocabulary, pieces, {
    append(ids, first) {
      if (first) starts.push(length);
      parts.push(Int32Array.from(ids));
      length += ids.length;
    },
  });
  const tokens = new Int32Array(length);
  let offset = 0;
  for (const part of parts) {
    tokens.set(part, offset);
    offset += part.length;
  }
  return { ...counts, starts, source: arrayTokens(tokens), close: () => undefined };
}
