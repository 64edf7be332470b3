import type * as tf from "@tensorflow/tfjs-core";
import type { Compile } from "./compile.js";
import type { Decoder } from "./decoder.js";
import type { DropoutSeeds } from "./dropout-seeds.js";

/** How one forward pass is run. */
export interface ForwardOptions {
  /** Dropout; none by default. */
  readonly seeds?: DropoutSeeds;
  /**
   * `[batch, 2]` int32: a seed a row for the draws of sticky memories, which
   * depend on it and on how many segments the row has absorbed. (0, 0) in every row by default.
   */
  readonly stickySeeds?: tf.Tensor2D;
  /**
   * Which positions get logits: all, the last one, the last so many, or none (then `logits` is `null`).
   * Nothing is computed in the last layer for positions without.
   */
  readonly logits?: "all" | "last" | "none" | number;
  /**
   * Whether gradients flow through the memory: from what this pass reads of `state` into it, and from the new
   * state into these tokens. Not by default, as in the paper; a training step over several segments may want it.
   */
  readonly throughPast?: boolean;
}

/** What the forward pass of any language model gives; all owned by the caller. */
export interface LanguageModelOutput<State extends object> {
  /** `[batch, tokens with logits, vocabulary]`, or `null`. */
  readonly logits: tf.Tensor3D | null;
  /** The memory after these tokens; constant for any gradient, unless `throughPast` was asked for. */
  readonly state: State;
}

/** How a kind of model runs: plain functions over model and state, the same for every model of the kind. */
export interface LanguageModelFunctions<Model, State extends object> {
  /** The state before the first token, owned by the caller; `"full"` gives memories their final size at once. */
  initialState(model: Model, batch: number, room?: "growing" | "full"): State;
  /** The state with some rows (`ended` is 1) at the start of a document again. */
  resetRows(state: State, ended: tf.Tensor1D): State;
  /** Tokens of the unfinished segment that the state holds. */
  unfinished(state: State): number;
  /** One pass over tokens within one segment, `[batch, count]` int32. */
  forward(
    model: Model,
    state: State,
    tokens: tf.Tensor2D,
    options?: ForwardOptions,
  ): LanguageModelOutput<State>;
  /**
   * How texts are written on, one token a row at a time, at the cost of one
   * row. Without it `generate` runs `forward` on single tokens.
   *
   * @param compile makes the functions fast that every token runs.
   */
  decoder?(model: Model, compile: Compile): Decoder<Model, State>;
}

/**
 * A model of tokens with a memory, whatever it is made of: what `read`,
 * `generate` and a trainer ask of it. A model of your own needs no more.
 */
export interface LanguageModel<State extends object> {
  readonly config: {
    /** Number of token ids. */
    readonly vocabularySize: number;
    /** Tokens of one segment, the most that one forward pass takes. */
    readonly segmentLength: number;
  };
  readonly functions: LanguageModelFunctions<this, State>;
}
