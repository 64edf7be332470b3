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

/**
 * Seeds for one forward pass, counted in the order of use, so that the same
 * `seed` gives the same masks.
 *
 * @param rate dropout rate in [0, 1) of every place that has none of its own.
 * @param seed `[2]` int32; only its second word is counted up.
 */
export function dropoutSeeds(rate: number, seed: tf.Tensor1D): DropoutSeeds {
  if (rate === 0) return noDropout;
  let place = 0;
  return {
    rate,
    drop: (x, own = rate) => {
      if (own === 0) return x;
      return tf.tidy(() => dropout(x, own, tf.add(seed, tf.tensor1d([0, place++], "int32")) as tf.Tensor1D));
    },
  };
}
