import { breathe } from "@infinite-former/command-line";
import { encode, type Vocabulary } from "@infinite-former/datasets";
import type { Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import type { Generator } from "@infinite-former/transformer";
import type { TrainerModel } from "./models/trainer-model.js";

/** What reads. */
export interface Reader {
  readonly model: TrainerModel;
  readonly generator: Generator<TrainerModel, object>;
  readonly vocabulary: Vocabulary;
}

/** A memory while it reads. */
export interface ReadMemory {
  /** Owned by the holder. */
  readonly state: object;
  /** Tokens that are read and not in the state yet: at least the last one, from which a text is written on. */
  readonly waiting: Int32Array;
  /** Tokens read so far, those among them. */
  readonly tokens: number;
  /** How many of them the vocabulary lacks. */
  readonly unknown: number;
}

/** A part of a text that ends where the vocabulary's tokens do. */
export interface TextPart {
  readonly text: string;
}

/** How a text is read. */
export interface ReadTextOptions {
  /** Seeds the draws of sticky memories; not advanced. */
  readonly rng: Rng;
  /** Ends the reading between two pieces. */
  readonly signal?: AbortSignal;
  /** Is called after each part of the text. */
  readonly onPart?: () => void;
}

/**
 * Reads a text into a memory part by part, in constant memory and time a
 * token. All but what is less than eight segments goes into the state.
 *
 * @param memory taken over: its state is disposed, also where reading fails.
 */
export async function readInto(
  { model, generator, vocabulary }: Reader,
  memory: ReadMemory,
  parts: AsyncIterable<TextPart> | Iterable<TextPart>,
  { rng, signal, onPart }: ReadTextOptions,
): Promise<ReadMemory> {
  const piece = model.config.segmentLength * 8;
  let { waiting, tokens, unknown } = memory;
  let state: object | null = memory.state;
  try {
    for await (const { text } of parts) {
      const encoded = encode(vocabulary, text);
      tokens += encoded.ids.length;
      unknown += encoded.unknown;
      waiting = joined(waiting, encoded.ids);
      let done = 0;
      for (; waiting.length - done > piece && !signal?.aborted; done += piece) {
        const before: object = state;
        state = null; // a pass that fails has disposed it
        state = passOver(generator, before, waiting.subarray(done, done + piece), rng);
        await breathe();
      }
      waiting = waiting.slice(done);
      onPart?.();
      if (signal?.aborted) break;
    }
    return { state, waiting, tokens, unknown };
  } catch (error) {
    if (state !== null) disposeTree(state);
    throw error;
  }
}

/**
 * Brings all but the last `kept` waiting tokens into the state.
 *
 * @param memory taken over.
 */
export function settle({ generator }: Reader, memory: ReadMemory, kept: number, rng: Rng): ReadMemory {
  const { state, waiting } = memory;
  const count = waiting.length - kept;
  if (count <= 0) return memory;
  return {
    ...memory,
    state: passOver(generator, state, waiting.subarray(0, count), rng),
    waiting: waiting.slice(count),
  };
}

/** The state after some tokens; takes `state` over. */
function passOver(generator: Reader["generator"], state: object, ids: Int32Array, rng: Rng): object {
  try {
    const output = generator.read(state, [ids], { rng });
    output.logits.dispose();
    return output.state;
  } finally {
    disposeTree(state);
  }
}

function joined(a: Int32Array, b: Int32Array): Int32Array {
  const all = new Int32Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
