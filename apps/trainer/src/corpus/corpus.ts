import { errorCode, UsageError, withoutFunction } from "@infinite-former/command-line";
import type { TextPiece } from "@infinite-former/datasets/node";

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

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

/** Errors of the data's own package, with the option or field that named the data. */
export async function named<T>(option: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (errorCode(error) !== "ERR_DATASET") throw error;
    throw new UsageError(`${option}: ${withoutFunction((error as Error).message)}`, { cause: error });
  }
}
