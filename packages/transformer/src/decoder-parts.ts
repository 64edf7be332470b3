import type * as tf from "@tensorflow/tfjs-core";

/** Where one text stands. */
export interface RowPlace {
  /** Tokens read of its unfinished segment. */
  readonly current: number;
  /** Rows of the past that it holds. */
  readonly recent: number;
  /** Whether the segment before was read here, and did not come with the state. */
  readonly finished: boolean;
}

/** What a decoding holds; every shape is fixed by configuration and batch, which is the first axis of each tensor. */
export interface DecodingTensors<Rings extends object, Noted extends object, LongTerm extends object> {
  /** `[batch]` float32: how many of the last rows of the past belong to the row's document. */
  readonly filled: tf.Tensor1D;
  /** What every step writes a row of. */
  readonly rings: Rings;
  /** What every step adds to. */
  readonly noted: Noted;
  /** What only the border of a segment changes. */
  readonly longTerm: LongTerm;
}

/**
 * What a kind of model brings to `createDecoder`: pure functions over trees of
 * tensors, but that `step` gives up the rings it is handed, see `writeRing`.
 * `step` and `enter` are compiled: they read no values, and take all that
 * changes between calls as tensors. Every function gives its tensors to the caller.
 */
export interface DecoderParts<
  State extends object,
  Model,
  Weights extends object,
  Rings extends object,
  Noted extends object,
  LongTerm extends object,
  Reading extends object,
> {
  readonly segmentLength: number;
  /** Most rows of the past that a text holds. */
  readonly capacity: number;
  /** The parameters as a step reads them. */
  weights(model: Model): Weights;
  /** Where the rows of a state stand, all at the same place. */
  place(state: State): Pick<RowPlace, "current" | "recent"> & { readonly rows: number };
  /** A state in tensors of fixed shapes, the newest row in the last slot of each ring. */
  lay(model: Model, state: State): DecodingTensors<Rings, Noted, LongTerm>;
  /** How many rows of its past go into the long-term memory when a text so placed enters a segment. */
  leaving(place: RowPlace): number;
  /** The slots that so many leaving rows lie in after `time` steps, oldest first; at least one, read only if some leave. */
  leavingSlots(time: number, leaving: number): Int32Array;
  /**
   * The border of a segment, and what steps read until the next one.
   *
   * @param flags `[batch]` float32, 1 in the rows that enter a segment.
   * @param slots int32, `leavingSlots`.
   */
  enter(
    weights: Weights,
    tensors: DecodingTensors<Rings, Noted, LongTerm>,
    stickySeeds: tf.Tensor2D,
    flags: tf.Tensor1D,
    slots: tf.Tensor1D,
    leaving: number,
  ): { readonly noted: Noted; readonly longTerm: LongTerm; readonly reading: Reading };
  /** What `step` is told of the time and of where the rows stand. */
  stepInput(time: number, places: readonly RowPlace[]): Int32Array;
  /** @param input int32: `stepInput`, then a token id a row. */
  step(
    weights: Weights,
    tensors: { readonly rings: Rings; readonly noted: Noted; readonly reading: Reading },
    input: tf.Tensor1D,
  ): { readonly logits: tf.Tensor2D; readonly rings: Rings; readonly noted: Noted };
  /** The tensors of one row as a state of batch 1 that shares no memory with the rings. */
  state(
    tensors: DecodingTensors<Rings, Noted, LongTerm>,
    place: RowPlace,
    time: number,
    weights: Weights,
  ): State;
}
