import type { Rng } from "@infinite-former/random";
import { disposeTree, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { checkIds } from "./check-ids.js";
import type { ForwardOptions, LanguageModel, LanguageModelOutput } from "./language-model.js";
import { RequestError } from "./request-error.js";
import { stickySeeds } from "./sticky-seeds.js";

/** What remains of a text that was read; owned by the caller. */
export interface ReadOutput<State extends object> {
  /** `[batch, vocabulary]`: scores of the token after the last one. */
  readonly logits: tf.Tensor2D;
  readonly state: State;
}

/** How a text is read. */
export interface ReadOptions {
  /**
   * Seeds the draws of sticky memories; it is not advanced. The same generator
   * gives the same numbers however a text is cut. Without it every row draws from the seed (0, 0).
   */
  readonly rng?: Rng;
  /** `[batch, 2]` int32, borrowed: seeds of sticky memories row by row, in place of those that `rng` gives. */
  readonly stickySeeds?: tf.Tensor2D;
  /** Called after each piece with the tokens read so far in each row. */
  readonly onProgress?: (tokensRead: number) => void;
}

/** One pass over a piece of a text, as `LanguageModelFunctions` has it. */
export type ForwardPass<State extends object> = (
  state: State,
  tokens: tf.Tensor2D,
  options: ForwardOptions,
) => LanguageModelOutput<State>;

/**
 * Reads a text of any length into the memory, segment by segment, at constant
 * cost and memory per token.
 *
 * @param state borrowed.
 * @param tokens one array of ids per batch row, all of one length of at least 1.
 * @throws {RequestError} `ERR_REQUEST` if the rows are empty or differ in length, or an id is outside the vocabulary.
 */
export function read<State extends object>(
  model: LanguageModel<State>,
  state: State,
  tokens: readonly ArrayLike<number>[],
  options: ReadOptions = {},
): ReadOutput<State> {
  return readBy((...pass) => model.functions.forward(model, ...pass), model, state, tokens, options);
}

/** `read` by another pass than the model's own, such as one that is compiled. */
export function readBy<State extends object>(
  forward: ForwardPass<State>,
  model: LanguageModel<State>,
  state: State,
  tokens: readonly ArrayLike<number>[],
  options: ReadOptions = {},
): ReadOutput<State> {
  const length = checkTokens(tokens, model.config.vocabularySize);
  const { rng, onProgress } = options;
  let now = state;
  let logits: tf.Tensor2D | null = null;
  for (let start = 0; start < length; ) {
    const room = model.config.segmentLength - model.functions.unfinished(now);
    const count = Math.min(room, length - start);
    const last = start + count === length;
    const next = tidyTree(() => {
      const flat = new Int32Array(tokens.length * count);
      tokens.forEach((row, index) => {
        for (let i = 0; i < count; i++) flat[index * count + i] = row[start + i] as number;
      });
      const piece = tf.tensor2d(flat, [tokens.length, count], "int32");
      const seeds = options.stickySeeds ?? (rng === undefined ? undefined : stickySeeds(rng, tokens.length));
      const out = forward(now, piece, {
        logits: last ? "last" : "none",
        ...(seeds === undefined ? {} : { stickySeeds: seeds }),
      });
      const scores =
        out.logits === null ? null : tf.reshape(out.logits, [tokens.length, model.config.vocabularySize]);
      return { state: out.state, logits: scores as tf.Tensor2D | null };
    });
    if (now !== state) disposeTree(now);
    now = next.state;
    logits = next.logits;
    start += count;
    onProgress?.(start);
  }
  return { logits: logits as unknown as tf.Tensor2D, state: now };
}

function checkTokens(tokens: readonly ArrayLike<number>[], vocabularySize: number): number {
  const length = tokens[0]?.length ?? 0;
  if (length === 0) throw new RequestError("read: tokens must hold at least one id in each row, got none");
  tokens.forEach((row, index) => {
    if (row.length !== length) {
      throw new RequestError(
        `read: tokens[${index}] must have ${length} ids as the first row has, got ${row.length}`,
      );
    }
    checkIds("read", `tokens[${index}]`, row, vocabularySize);
  });
  return length;
}
