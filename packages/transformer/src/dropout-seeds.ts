import { dropout } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** Dropout within one forward pass: every place draws from a seed of its own. */
export interface DropoutSeeds {
  /** The rate, in [0, 1); 0 leaves tensors as they are. */
  readonly rate: number;
  /** Drops elements of `x`, at `rate` unless the place has its own; returns `x` itself where that is 0. */
  drop(x: tf.Tensor, rate?: number): tf.Tensor;
  /** Rate and seed of the next place, for a kernel that drops on its way; `undefined` where nothing is dropped. */
  next(rate?: number): { readonly rate: number; readonly seed: tf.Tensor1D } | undefined;
}

/** No dropout: what evaluation and generation use. */
export const noDropout: DropoutSeeds = Object.freeze({
  rate: 0,
  drop: (x: tf.Tensor) => x,
  next: () => undefined,
});

/** Odd, so that places differ by their first word whatever their number: the golden ratio's share of 2³². */
const PLACE_STRIDE = 0x9e3779b9;

/**
 * Seeds for one forward pass, counted in the order of use, so that the same
 * `seed` gives the same masks.
 *
 * Places change the first word only: callers that count steps in the second
 * one never meet the mask of another step.
 *
 * Runs inside the caller's `tf.tidy`: `next` makes a tensor.
 *
 * @param rate dropout rate in [0, 1) of every place that has none of its own.
 * @param seed `[2]` int32.
 */
export function dropoutSeeds(rate: number, seed: tf.Tensor1D): DropoutSeeds {
  if (rate === 0) return noDropout;
  let place = 0;
  const next: DropoutSeeds["next"] = (own = rate) => {
    if (own === 0) return undefined;
    const offset = Math.imul(place++, PLACE_STRIDE);
    return { rate: own, seed: tf.add(seed, tf.tensor1d([offset, 0], "int32")) };
  };
  return {
    rate,
    next,
    drop: (x, own) =>
      tf.tidy(() => {
        const drawn = next(own);
        return drawn === undefined ? x : dropout(x, drawn.rate, drawn.seed);
      }),
  };
}
