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
  /** Ends the reading between two pieces of eight segments; nothing is read where it is aborted before. */
  readonly signal?: AbortSignal;
  /** Is called after each part of the text. */
  readonly onPart?: () => void;
}

/**
 * Reads a text into a memory part by part, in constant memory and time a
 * token. All but the last eight segments or less goes into the state. Ended by
 * the signal, it holds and counts what was read until then, and no more waits.
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
    if (signal?.aborted) return memory;
    for await (const { text } of parts) {
      if (signal?.aborted) break;
      const encoded = encode(vocabulary, text);
      const { ids } = encoded;
      let taken = 0;
      while (taken < ids.length && !signal?.aborted) {
        if (waiting.length >= piece) {
          const before: object = state;
          state = null; // a pass that fails has disposed it
          state = passOver(generator, before, waiting, rng);
          waiting = new Int32Array();
          await breathe();
        }
        // At least one more, even where the signal came meanwhile: a text is written on from it.
        const next = ids.subarray(taken, taken + piece - waiting.length);
        waiting = joined(waiting, next);
        taken += next.length;
      }
      tokens += taken;
      if (taken < ids.length) {
        unknown += countUnknown(vocabulary, ids.subarray(0, taken));
        break;
      }
      unknown += encoded.unknown;
      onPart?.();
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

function countUnknown(vocabulary: Vocabulary, ids: Int32Array): number {
  return "unknown" in vocabulary ? ids.filter((id) => id === vocabulary.unknown).length : 0;
}

function joined(a: Int32Array, b: Int32Array): Int32Array {
  const all = new Int32Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
