import { disposeTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { ForwardOptions, InfiniteFormer, TransformerState } from "../src/index.js";
import { forward } from "../src/index.js";

/**
 * Feeds pieces of the given sizes; logits of all positions and the last state.
 *
 * @param start taken over.
 */
export function feed(
  model: InfiniteFormer,
  rows: readonly number[][],
  sizes: readonly number[],
  start: TransformerState,
  options: ForwardOptions = {},
): { logits: number[][]; state: TransformerState } {
  const logits: number[][] = rows.map(() => []);
  let state = start;
  let at = 0;
  for (const size of sizes) {
    const out = tf.tidy(() => {
      const piece = tf.tensor2d(
        rows.map((row) => row.slice(at, at + size)),
        [rows.length, size],
        "int32",
      );
      const given = forward(model, state, piece, options);
      rows.forEach((_, b) => {
        logits[b]?.push(...tf.slice(given.logits as tf.Tensor3D, [b, 0, 0], [1, -1, -1]).dataSync());
      });
      return given.state as unknown as tf.TensorContainer;
    }) as unknown as TransformerState;
    disposeTree(state);
    state = out;
    at += size;
  }
  return { logits, state };
}
