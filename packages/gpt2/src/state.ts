import type { CompressedMemory, LongTermMemory } from "@infinite-former/memory";
import {
  emptyCompressedMemory,
  emptyLongTermMemory,
  resetCompressedRows,
  resetRows as resetLongTermRows,
} from "@infinite-former/memory";
import { ShapeError } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Gpt2Config, Gpt2WithMemoryConfig } from "./config.js";
import { memoryLayers, remembers } from "./config.js";

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
 * other through `cache`; of earlier ones only the long-term memory, or the
 * compressed one, is left. What is kept per memory is in the order of
 * `memoryLayers`.
 */
export interface Gpt2State {
  /** Per layer; empty at the border of a segment. */
  readonly cache: readonly Gpt2Cache[];
  /** Per memory `[batch, rows, model]`: what the layer will absorb of the unfinished segment. Empty at a border, and without memory. */
  readonly current: readonly tf.Tensor3D[];
  /** Per memory `[batch, L, model]`: the same over the last whole segment. Empty before there is one, and without memory. */
  readonly previous: readonly tf.Tensor3D[];
  /** `[batch]` float32: 1 where `previous` belongs to the batch row's document. */
  readonly waiting: tf.Tensor1D;
  /** Per memory; empty where there is no long-term memory. */
  readonly longTerm: readonly LongTermMemory[];
  /** Per memory; empty where nothing is compressed, or was yet. */
  readonly compressed: readonly CompressedMemory[];
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
  const { modelSize, segmentLength, compressed } = config;
  const layers = memoryLayers(config);
  const count = compressed?.length ?? 0;
  return {
    cache: [],
    current: [],
    previous: room === "full" ? layers.map(() => tf.zeros([batch, segmentLength, modelSize])) : [],
    waiting: tf.zeros([batch]),
    longTerm: remembers(config) ? layers.map(() => emptyMemory(config, batch)) : [],
    compressed:
      room === "full" && count > 0
        ? layers.map(() => emptyCompressedMemory({ batch, count, modelSize }))
        : [],
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
    compressed: state.compressed.map((memory) => resetCompressedRows(memory, ended)),
  };
}
