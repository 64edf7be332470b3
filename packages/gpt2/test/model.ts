import { createRng } from "@infinite-former/random";
import { disposeTree, mapTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Gpt2, Gpt2ForwardOptions, Gpt2Options, Gpt2State } from "../src/index.js";
import { createGpt2, gpt2 } from "../src/index.js";

/** A small GPT-2 of odd sizes, every parameter random: biases and norms too. */
export function smallGpt2(options: Partial<Gpt2Options> = {}, seed = 5): Gpt2 {
  const model = createGpt2(
    {
      vocabularySize: 11,
      positions: 6,
      segmentLength: 5,
      layers: 2,
      modelSize: 12,
      heads: 3,
      innerSize: 17,
      ...options,
    },
    createRng(seed),
  );
  const rng = createRng(seed + 1);
  const params = mapTree(model.params, (tensor) => {
    const noise = Float32Array.from({ length: tensor.size }, () => 0.2 * rng.normal());
    return tf.tidy(() => tf.add(tensor, tf.tensor(noise, tensor.shape)));
  });
  disposeTree(model.params);
  return { ...model, params };
}

/** What `smallGpt2` takes to have a long-term memory of odd sizes. */
export const smallMemory = {
  longTerm: { basisCount: 8, basisWidths: [0.05, 0.1], sampleCount: 16, priorWidth: 0.2 },
} as const;

/** What `smallGpt2` takes to have a compressed memory that forgets: 5 rows become 3, and 4 are kept. */
export const smallCompressed = { compressed: { length: 4, ratio: 2 } } as const;

/** `count` token ids below `vocabularySize`. */
export function tokens(count: number, seed: number, vocabularySize = 11): number[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => rng.integer(0, vocabularySize));
}

/** Rows of ids as a tensor. */
export function batchOf(rows: readonly (readonly number[])[]): tf.Tensor2D {
  return tf.tensor2d(rows.flat(), [rows.length, rows[0]?.length ?? 0], "int32");
}

/**
 * Feeds pieces of the given sizes; logits of all positions and the last state.
 *
 * @param start taken over.
 */
export function feed(
  model: Gpt2,
  rows: readonly (readonly number[])[],
  sizes: readonly number[],
  start: Gpt2State,
  options: Gpt2ForwardOptions = {},
): { logits: number[][]; state: Gpt2State } {
  const logits: number[][] = rows.map(() => []);
  let state = start;
  let at = 0;
  for (const size of sizes) {
    const out = tf.tidy(() => {
      const given = gpt2(model, state, batchOf(rows.map((row) => row.slice(at, at + size))), options);
      rows.forEach((_, b) => {
        logits[b]?.push(...tf.slice(given.logits as tf.Tensor3D, [b, 0, 0], [1, -1, -1]).dataSync());
      });
      return given.state as unknown as tf.TensorContainer;
    }) as unknown as Gpt2State;
    disposeTree(state);
    state = out;
    at += size;
  }
  return { logits, state };
}
