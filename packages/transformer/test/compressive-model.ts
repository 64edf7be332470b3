import { createRng, normals } from "@infinite-former/random";
import { disposeTree, leaves, mapTree, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type {
  CompressiveForwardModel,
  CompressiveState,
  CompressiveTransformer,
  CompressiveTransformerOptions,
} from "../src/index.js";
import { compressiveTransformer, createCompressiveTransformer } from "../src/index.js";

/** Tokens of one segment of the small model. */
export const segmentLength = 5;

/** A small Compressive Transformer whose every path is used: rows that leave are no multiple of the ratio. */
export function smallCompressive(
  options: Partial<CompressiveTransformerOptions> = {},
  seed = 9,
): CompressiveTransformer {
  const model = createCompressiveTransformer(
    {
      vocabularySize: 11,
      layers: 2,
      modelSize: 6,
      heads: 2,
      innerSize: 9,
      segmentLength,
      shortTermLength: 7,
      compressedLength: 4,
      compressionRatio: 3,
      ...options,
    },
    createRng(seed),
  );
  // Positions that begin as 0 are made random, so that they show in the logits.
  const noise = createRng(seed + 1);
  const params = tidyTree(() =>
    mapTree(model.params, (tensor, path) =>
      path === "positions" ? tf.tensor(normals(noise, tensor.size, 0, 0.4), tensor.shape) : tf.clone(tensor),
    ),
  );
  disposeTree(model.params);
  return { ...model, params };
}

/** What a text fed in pieces gives. */
export interface Fed {
  /** Per batch row the logits of all positions. */
  readonly logits: number[][];
  /** The auxiliary losses of the pieces. */
  readonly losses: number[];
  readonly state: CompressiveState;
}

/** Feeds pieces of the given sizes; takes `start` over. */
export function feed(
  model: CompressiveForwardModel,
  rows: readonly (readonly number[])[],
  sizes: readonly number[],
  start: CompressiveState,
): Fed {
  const logits: number[][] = rows.map(() => []);
  const losses: number[] = [];
  let state = start;
  let at = 0;
  for (const size of sizes) {
    const next = tidyTree(() => {
      const ids = rows.map((row) => row.slice(at, at + size));
      const out = compressiveTransformer(model, state, tf.tensor2d(ids, [rows.length, size], "int32"), {
        auxiliary: true,
      });
      rows.forEach((_, b) => {
        logits[b]?.push(...tf.slice(out.logits as tf.Tensor3D, [b, 0, 0], [1, -1, -1]).dataSync());
      });
      losses.push(out.auxiliaryLoss?.dataSync()[0] as number);
      return out.state;
    });
    disposeTree(state);
    state = next;
    at += size;
  }
  return { logits, losses, state };
}

/** A state as plain numbers by path, for comparison. */
export function stateNumbers(state: CompressiveState): Record<string, number[]> {
  return Object.fromEntries(leaves(state).map(({ path, tensor }) => [path, Array.from(tensor.dataSync())]));
}
