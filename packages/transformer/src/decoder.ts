import type * as tf from "@tensorflow/tfjs-core";

/**
 * A batch of texts that are written on token by token. It owns its tensors,
 * whose shapes never change, and writes into them in place where the backend
 * can: so it is a thing with an identity, not a value.
 */
export interface Decoding<State extends object> {
  /** Rows of the batch. They need not stand at the same place of a segment. */
  readonly rows: number;
  /**
   * Reads one token in every row.
   *
   * @param ids one token id a row; not checked.
   * @returns `[rows, vocabulary]`: scores of the next token, owned by the caller.
   */
  step(ids: ArrayLike<number>): tf.Tensor2D;
  /** What one row remembers, as the model's own state of batch 1; a copy owned by the caller. */
  state(row: number): State;
  /** Frees the tensors. */
  dispose(): void;
}

/** How one model writes on: what is recorded once and serves every text and every set of parameters. */
export interface Decoder<Model, State extends object> {
  /**
   * Takes up texts where they stand.
   *
   * @param model with the parameters to use, of the configuration that the decoder was made for; borrowed, and read
   *   here only.
   * @param states at least one, of one row or several each; the rows follow one another. Borrowed.
   * @param stickySeeds `[rows, 2]` int32, see `ForwardOptions`. Borrowed, and must outlive the decoding.
   */
  start(model: Model, states: readonly State[], stickySeeds: tf.Tensor2D): Decoding<State>;
  /** How many sets of shapes have been recorded; 0 where nothing is. */
  signatures(): number;
  /** Frees what was recorded. */
  dispose(): void;
}
