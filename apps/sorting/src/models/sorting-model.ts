import type { Rng } from "@infinite-former/random";
import type * as tf from "@tensorflow/tfjs-core";

/** Settings of a model, as far as they are no defaults: JSON, checked by the model's own package. */
export type ModelSettings = Readonly<Record<string, unknown>>;

/** How one segment is read. */
export interface SegmentOptions {
  /** `[2]` int32: seeds dropout and the draws of sticky memories; another one in every segment of every step. */
  readonly seed: tf.Tensor1D;
  /** Whether there is dropout. */
  readonly training: boolean;
  /**
   * What is wanted: the memory after the segment alone, or the penalty too, and logits of the last so many
   * tokens (0: of none).
   */
  readonly outputs: "memory" | number;
  /** Whether gradients flow through the memory, from segment to segment. */
  readonly throughPast: boolean;
}

/** What one segment gives; all owned by the caller. */
export interface SegmentReading<State extends object> {
  /** `[batch, wanted tokens, vocabulary]`; `null` where none are wanted. */
  readonly logits: tf.Tensor3D | null;
  /** Constant for any gradient, unless `throughPast` was asked for. */
  readonly state: State;
  /** Scalar: what the model adds to its loss, unweighted (KL of the densities, reconstruction); `null` where it has none, or the memory alone is wanted. */
  readonly penalty: tf.Scalar | null;
}

/**
 * A model as the benchmark trains it: functions over parameters and state. A
 * fifth model needs one of these and its line in the table of kinds.
 */
export interface SortingModel<Params extends object = object, State extends object = object> {
  /** Fresh parameters. */
  readonly params: Params;
  readonly segmentLength: number;
  /**
   * An empty memory, owned by the caller. It grows to its final size over the first segments, which have
   * shapes of their own: no work is spent on rows that are not there.
   */
  initialState(batch: number): State;
  /** One segment, or the last part of a sequence; borrows all. */
  readSegment(
    params: Params,
    state: State,
    tokens: tf.Tensor2D,
    options: SegmentOptions,
  ): SegmentReading<State>;
  /** Frees parameters and constants. */
  dispose(): void;
}

/** How models of one kind are made, and what is known of them without making one. */
export interface ModelKind {
  /**
   * Every setting of such a model, defaults filled in. JSON.
   * @throws {ConfigError} `ERR_CONFIG` naming the field at fault.
   */
  resolve(settings: ModelSettings): ModelSettings;
  /** A model with new parameters from a seed. */
  create(settings: ModelSettings, rng: Rng): SortingModel;
  /** Positions before the current segment that it can attend to one by one, or compressed a few to a row. */
  readonly reach: (settings: ModelSettings) => number;
  /** Whether its penalty arises at the end of a segment, so that one of those with gradient must be whole. */
  readonly wholeSegment: boolean;
}
