import { breathe } from "@infinite-former/command-line";
import { type EncodedText, encode, type Vocabulary } from "@infinite-former/datasets";
import { textPieces } from "@infinite-former/datasets/node";
import type { Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import type { Generator } from "@infinite-former/transformer";
import { named } from "./corpus/corpus.js";
import { cutFor } from "./corpus/run-vocabulary.js";
import type { TrainerModel } from "./models/trainer-model.js";
import { firstToken } from "./sample.js";

/** What is read into a memory. */
export interface Reading {
  /** Paths of UTF-8 text files of any size, read one after the other. */
  readonly documents: readonly string[];
  readonly prompt: EncodedText;
  readonly rng: Rng;
  readonly signal: AbortSignal;
  /** Is told the bytes of the documents that have been read. */
  readonly onProgress?: (bytes: number) => void;
}

/** A memory that has read. */
export interface ReadText {
  /** Owned by the caller. */
  readonly state: object;
  /** The last token, which the state does not hold yet. */
  readonly last: Int32Array;
  /** Tokens read, the last one among them. */
  readonly tokens: number;
  /** How many of them the vocabulary lacks. */
  readonly unknown: number;
}

/**
 * Reads documents and a prompt into a memory, piece by piece, in constant
 * memory; a line end where there is neither.
 *
 * @param state taken over: disposed, also where reading fails.
 * @throws {UsageError} `ERR_USAGE` naming file and offset where a document is no text.
 */
export async function readInto(
  generator: Generator<TrainerModel, object>,
  vocabulary: Vocabulary,
  state: object,
  { documents, prompt, rng, signal, onProgress }: Reading,
  model: TrainerModel,
): Promise<ReadText> {
  const piece = model.config.segmentLength * 8;
  let now = state;
  let waiting: number[] = [];
  let tokens = 0;
  let unknown = 0;
  let bytes = 0;
  const readWaiting = async (count: number): Promise<void> => {
    for (let done = 0; done < count && !signal.aborted; done += piece) {
      const ids = waiting.slice(done, Math.min(count, done + piece));
      const output = generator.read(now, [ids], { rng });
      output.logits.dispose();
      disposeTree(now);
      now = output.state;
      await breathe();
    }
    waiting = waiting.slice(count);
  };
  const take = (encoded: EncodedText): void => {
    for (const id of encoded.ids) waiting.push(id);
    tokens += encoded.ids.length;
    unknown += encoded.unknown;
  };
  try {
    const options = {
      cut: cutFor(vocabulary),
      chunkBytes: 2 ** 16,
      onBytes: (chunk: Uint8Array) => {
        bytes += chunk.length;
      },
    };
    await named("--read", async () => {
      for await (const { text } of textPieces(documents, options)) {
        take(encode(vocabulary, text));
        await readWaiting(Math.floor((waiting.length - 1) / piece) * piece);
        onProgress?.(bytes);
        if (signal.aborted) return;
      }
    });
    take(prompt);
    if (waiting.length === 0) take({ ids: firstToken(vocabulary), unknown: 0 });
    await readWaiting(waiting.length - 1);
    return { state: now, last: Int32Array.from(waiting.slice(0, 1)), tokens, unknown };
  } catch (error) {
    disposeTree(now);
    throw error;
  }
}
