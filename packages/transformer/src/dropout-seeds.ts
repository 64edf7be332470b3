import { dropout } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** Dropout within one forward pass: every place draws from a seed of its own. */
export interface DropoutSeeds {
  /** The rate, in [0, 1); 0 leaves tensors as they are. */
  readonly rate: number;
  /** Drops elements of `x`, at `rate` unless the place has its own; returns `x` itself where that is 0. */
  drop(x: tf.Tensor, rate?: number): tf.Tensor;
}

/** No dropout: what evaluation and generation use. */
export const noDropout: DropoutSeeds = Object.freeze({ rate: 0, drop: (x: tf.Tensor) => x });

/** Odd, so that places differ by their first word whatever their number: the golden ratio's share of 2³². */
const PLACE_STRIDE = 0x9e3779b9;

/**
 * Seeds for one forward pass, counted in the order of use, so that the same
 * `seed` gives the same masks.
 *
 * Places change the first word only: callers that count steps in the second
 * one never meet the mask of another step.
 *
 * @param rate dropout rate in [0, 1) of every place that has none of its own.
 * @param seed `[2]` int32.
 */
export function dropoutSeeds(rate: number, seed: tf.Tensor1D): DropoutSeeds {
  if (rate === 0) return noDropout;
  let place = 0;
  return {
    rate,
    drop: (x, own = rate) => {
      if (own === 0) return x;
      const offset = Math.imul(place++, PLACE_STRIDE);
      return tf.tidy(() => dropout(x, own, tf.add(seed, tf.tensor1d([offset, 0], "int32")) as tf.Tensor1D));
    },
  };
}
