import * as tf from "@tensorflow/tfjs-core";
import { below } from "./distances.js";
import type { PlaceAndScale } from "./expectation.js";

/** Densities for two forms of which each counts on its own side of a border. */
export interface Sides {
  readonly narrow: PlaceAndScale;
  readonly wide: PlaceAndScale;
  /** `[rows, 1]`: 1 or 0. */
  readonly isNarrow: tf.Tensor;
  readonly isWide: tf.Tensor;
}

/**
 * The same densities twice, with variances held on either side of a border, so
 * that both forms stay finite and no value need be read back.
 */
export function sides({ mean, variance }: PlaceAndScale, border: number): Sides {
  const isNarrow = below(variance, border);
  return {
    narrow: { mean, variance: tf.minimum(variance, border) as tf.Tensor2D },
    wide: { mean, variance: tf.maximum(variance, border) as tf.Tensor2D },
    isNarrow,
    isWide: tf.sub(1, isNarrow),
  };
}
