import { createRng, normals } from "@infinite-former/random";
import { disposeTree, mapTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { InfiniteFormer, InfiniteFormerOptions, TransformerState } from "../src/index.js";
import { createInfiniteFormer } from "../src/index.js";

/** A small ∞-former whose every path is used: gate, both memories, odd sizes. */
export function smallModel(options: Partial<InfiniteFormerOptions> = {}, seed = 5): InfiniteFormer {
  const gaussian = (options.longTerm?.basis ?? "gaussian") === "gaussian";
  const widths = gaussian ? { basisWidths: [0.05, 0.1] } : {};
  return createInfiniteFormer(
    {
      vocabularySize: 11,
      layers: 2,
      modelSize: 12,
      heads: 3,
      innerSize: 17,
      segmentLength: 5,
      shortTermLength: 5,
      ...options,
      longTerm: { basisCount: 8, ...widths, sampleCount: 16, ...options.longTerm },
    },
    createRng(seed),
  );
}

/** A state as plain numbers, for comparison. */
export function numbers(state: TransformerState): Record<string, number[]> {
  const all = (tensors: readonly { dataSync(): ArrayLike<number> }[]): number[] =>
    tensors.flatMap((tensor) => Array.from(tensor.dataSync()));
  return {
    recent: all(state.recent),
    current: all(state.current),
    filled: all([state.filled]),
    coefficients: all(state.longTerm.map(({ coefficients }) => coefficients)),
    segments: all(state.longTerm.map(({ segments }) => segments)),
    attended: all(state.longTerm.flatMap(({ attended }) => attended ?? [])),
  };
}

/** `count` token ids below `vocabularySize`. */
export function tokens(count: number, seed: number, vocabularySize = 11): number[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => rng.integer(0, vocabularySize));
}

/** The same with weights so large that every part of it shows in the logits. */
export function livelyModel(options: Partial<InfiniteFormerOptions> = {}, seed = 5): InfiniteFormer {
  const model = smallModel(options, seed);
  const rng = createRng(seed + 1);
  const params = mapTree(model.params, (weight, path) => {
    const noise = normals(rng, weight.size, 0, 0.1); // what starts as 0 or 1 is no such thing
    return tf.tidy(() =>
      tf.add(
        tf.mul(weight, path.endsWith("gain") || path.includes("gate") ? 1 : 12),
        tf.tensor(noise, weight.shape),
      ),
    );
  });
  disposeTree(model.params);
  return { ...model, params };
}
