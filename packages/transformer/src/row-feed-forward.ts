import type { LinearParams } from "@infinite-former/tensor";
import { geluErf, geluTanh } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Activation, FeedForwardParams } from "./feed-forward.js";
import { rowProduct } from "./row-product.js";

const activations: Readonly<Record<Activation, (x: tf.Tensor2D) => tf.Tensor2D>> = {
  relu: tf.relu,
  gelu: geluTanh,
  "gelu-erf": geluErf,
};

/** `x · kernel + bias` of few rows; owned by the caller, without a gradient. */
export function rowLinear({ kernel, bias }: LinearParams, x: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const product = rowProduct(x, kernel);
    return bias === undefined ? product : tf.add(product, bias);
  });
}

/** `feedForward` of few rows, without dropout; owned by the caller, without a gradient. */
export function rowFeedForward(
  params: FeedForwardParams,
  x: tf.Tensor2D,
  activation: Activation,
): tf.Tensor2D {
  return tf.tidy(() => rowLinear(params.outer, activations[activation](rowLinear(params.inner, x))));
}
