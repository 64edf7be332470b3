import { concatRows, disposeTree, takeRows } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { LanguageModel } from "./language-model.js";
import type { ForwardPass, ReadOptions, ReadOutput } from "./read.js";
import { readBy } from "./read.js";
import { RequestError } from "./request-error.js";

/** What remains of texts of different lengths; owned by the caller. */
export interface ReadRaggedOutput<State extends object> {
  /** `[batch, vocabulary]`: per row the scores of the token after its last one. */
  readonly logits: tf.Tensor2D;
  /** One state a row, each of batch 1: texts that end at different places stand at different places. */
  readonly states: readonly State[];
}

/**
 * Reads texts of different lengths together: a row leaves the batch where its
 * text ends, so that no work goes into padding and each row is read as if it
 * were alone. `joinRows` makes a batch again of rows at the same place.
 *
 * @param state of all rows, borrowed.
 * @param tokens one array of ids per batch row, each of at least 1.
 * @throws {RequestError} `ERR_REQUEST` if a row is empty or an id is outside the vocabulary; nothing is left behind.
 */
export function readRagged<State extends object>(
  model: LanguageModel<State>,
  state: State,
  tokens: readonly ArrayLike<number>[],
  options: Pick<ReadOptions, "rng" | "stickySeeds"> = {},
): ReadRaggedOutput<State> {
  return readRaggedBy((...pass) => model.functions.forward(model, ...pass), model, state, tokens, options);
}

/** `readRagged` by another pass than the model's own, such as one that is compiled. */
export function readRaggedBy<State extends object>(
  forward: ForwardPass<State>,
  model: LanguageModel<State>,
  state: State,
  tokens: readonly ArrayLike<number>[],
  options: Pick<ReadOptions, "rng" | "stickySeeds"> = {},
): ReadRaggedOutput<State> {
  const empty = tokens.findIndex(({ length }) => length === 0);
  if (empty >= 0 || tokens.length === 0) {
    throw new RequestError(`readRagged: tokens[${Math.max(empty, 0)}] must hold at least one id, got none`);
  }
  const lengths = [...new Set(tokens.map(({ length }) => length))].sort((a, b) => a - b);
  const found: { row: number; state: State; logits: tf.Tensor2D }[] = [];
  let reading = tokens.map((_, row) => row);
  let now = state;
  const readRows = (ids: readonly number[][], rows: readonly number[]): ReadOutput<State> => {
    if (options.stickySeeds === undefined) return readBy(forward, model, now, ids, options);
    const { stickySeeds } = takeRows({ stickySeeds: options.stickySeeds }, rows);
    try {
      return readBy(forward, model, now, ids, { stickySeeds });
    } finally {
      stickySeeds.dispose();
    }
  };
  try {
    let start = 0;
    for (const end of lengths) {
      const ids = reading.map((row) => Array.prototype.slice.call(tokens[row], start, end) as number[]);
      const out = readRows(ids, reading);
      if (now !== state) disposeTree(now);
      now = out.state;
      const place = reading.map((row, index) => ({ row, index }));
      const leaving = place.filter(({ row }) => tokens[row]?.length === end);
      for (const { row, index } of leaving) found.push({ row, ...takeRows(out, [index]) });
      const staying = place.filter(({ row }) => tokens[row]?.length !== end);
      reading = staying.map(({ row }) => row);
      const rest =
        staying.length === 0
          ? null
          : takeRows(
              out.state,
              staying.map(({ index }) => index),
            );
      disposeTree(out);
      now = rest ?? state;
      start = end;
    }
  } catch (error) {
    disposeTree(found.map(({ row: _, ...tensors }) => tensors));
    throw error;
  } finally {
    if (now !== state) disposeTree(now);
  }
  const inOrder = found.sort((a, b) => a.row - b.row);
  const rows = inOrder.map(({ logits }) => ({ logits }));
  const { logits } = concatRows(rows);
  disposeTree(rows);
  return { logits, states: inOrder.map((row) => row.state) };
}
