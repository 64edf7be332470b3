import type { LongTermMemory } from "@infinite-former/memory";
import { emptyLongTermMemory, resetRows as resetLongTermRows } from "@infinite-former/memory";
import { ShapeError } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Gpt2Config, Gpt2WithMemoryConfig } from "./config.js";
import { remembers } from "./config.js";

/** Keys and values of one layer over the unfinished segment. */
export interface Gpt2Cache {
  /** `[batch, heads, rows, headSize]` */
  readonly keys: tf.Tensor4D;
  /** `[batch, heads, rows, headSize]` */
  readonly values: tf.Tensor4D;
}

/**
 * All that a GPT-2 remembers, as one value: a tree of tensors that goes in and
 * comes out of every call.
 *
 * The past is cut into segments of L tokens. Inside one, tokens attend to each
 * other through `cache`; of earlier ones only the long-term memory is left.
 */
export interface Gpt2State {
  /** Per layer; empty at the border of a segment. */
  readonly cache: readonly Gpt2Cache[];
  /** Per layer `[batch, rows, model]`: what the layer will absorb of the unfinished segment. Empty at a border, and without long-term memory. */
  readonly current: readonly tf.Tensor3D[];
  /** Per layer `[batch, L, model]`: the same over the last whole segment. Empty before there is one, and without long-term memory. */
  readonly previous: readonly tf.Tensor3D[];
  /** `[batch]` float32: 1 where `previous` belongs to the batch row's document. */
  readonly waiting: tf.Tensor1D;
  /** Per layer; empty without long-term memory. */
  readonly longTerm: readonly LongTermMemory[];
}

/**
 * The state before the first token.
 *
 * @param batch number of rows.
 * @param room `"growing"`: no work is spent on the memory before there is one.
 *   `"full"`: an empty memory is read from the start, so that all segments have
 *   one shape, as a compiled step likes. The logits are the same.
 * @returns tensors owned by the caller.
 */
export function initialState(
  config: Gpt2Config,
  batch: number,
  room: "growing" | "full" = "growing",
): Gpt2State {
  const { modelSize, segmentLength } = config;
  const perLayer = <T>(make: () => T): T[] => Array.from({ length: config.layers }, make);
  return {
    cache: [],
    current: [],
    previous:
      remembers(config) && room === "full"
        ? perLayer(() => tf.zeros<tf.Rank.R3>([batch, segmentLength, modelSize]))
        : [],
    waiting: tf.zeros([batch]),
    longTerm: remembers(config) ? perLayer(() => emptyMemory(config, batch)) : [],
  };
}

function emptyMemory({ modelSize, longTerm }: Gpt2WithMemoryConfig, batch: number): LongTermMemory {
  const { basisCount, stickyBins, sampling } = longTerm;
  const size = { batch, basisCount, modelSize };
  return emptyLongTermMemory(sampling === "sticky" ? { ...size, stickyBins } : size);
}

/** Tokens of the unfinished segment that the state holds. */
export function unfinished(state: Gpt2State): number {
  return state.cache[0]?.keys.shape[2] ?? 0;
}

/**
 * The state with some batch rows at the start of a document again: nothing of
 * their past is read any more. The other rows are untouched.
 *
 * @param ended `[batch]`: 1 where a row starts afresh, else 0.
 * @returns a new state owned by the caller; `state` is borrowed.
 * @throws {ShapeError} `ERR_SHAPE` inside a segment: rows can only start at a segment's border.
 */
export function resetRows(state: Gpt2State, ended: tf.Tensor1D): Gpt2State {
  if (unfinished(state) > 0) {
    throw new ShapeError(
      `resetRows: state must stand at the border of a segment, got ${unfinished(state)} tokens of an unfinished one; start a new state instead`,
    );
  }
  return {
    cache: [],
    current: [],
    previous: state.previous.map((rows) => rows.clone()),
    waiting: tf.tidy(() => tf.mul(state.waiting, tf.sub(1, tf.cast(ended, "float32"))) as tf.Tensor1D),
    longTerm: state.longTerm.map((memory) => resetLongTermRows(memory, ended)),
  };
}
