import { rowLinear } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { type Activation, type FeedForwardParams, fusedNames } from "./feed-forward.js";

/**
 * `feedForward` of few rows, without dropout.
 *
 * @param x `[rows, model]`. @param residual `[rows, model]`, added last.
 * @returns `[rows, model]`, owned by the caller, without a gradient.
 */
export function rowFeedForward(
  params: FeedForwardParams,
  x: tf.Tensor2D,
  activation: Activation,
  residual?: tf.Tensor2D,
): tf.Tensor2D {
  return tf.tidy(() => {
    const inner = rowLinear(params.inner, x, { activation: fusedNames[activation] });
    return rowLinear(params.outer, inner, residual ? { residual } : {});
  });
}
