import { UsageError } from "@infinite-former/command-line";
import type { Vocabulary } from "@infinite-former/datasets";
import type { Corpus } from "./corpus.js";
import { type EncodedSplit, type EncodeOptions, encodeSplit, longestDocument } from "./encoded-split.js";
import { tokenName } from "./run-vocabulary.js";

/** What a run trains on and is validated with, as token ids. */
export interface EncodedCorpus {
  readonly train: EncodedSplit;
  readonly valid: EncodedSplit;
}

/**
 * Both splits of a run's corpus. Writes nothing but tokens that are kept on disk.
 *
 * @returns held by the caller, who closes both.
 * @throws {UsageError} `ERR_USAGE` naming field and file: a text that cannot be
 *   read, or a split without a document of two tokens.
 */
export async function encodeCorpus(
  corpus: Corpus,
  vocabulary: Vocabulary,
  options: EncodeOptions,
): Promise<EncodedCorpus> {
  const train = await encodeSplit(corpus, "train", vocabulary, options);
  let valid: EncodedSplit | null = null;
  try {
    valid = await encodeSplit(corpus, "valid", vocabulary, options);
    const [most, mostValid] = [longestDocument(train), longestDocument(valid)];
    if (most >= 2 && mostValid >= 2) return { train, valid };
    throw new UsageError(
      `data.text: ${corpus.source} is too short: its longest documents have ${most} ${tokenName(vocabulary)}s to train and ${mostValid} to validate; each needs 2 at least: give a longer text`,
    );
  } catch (error) {
    train.close();
    valid?.close();
    throw error;
  }
}
