import { geluErf, geluTanh, linear } from "@infinite-former/tensor";
import type { FeedForwardParams } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { Gpt2Activation } from "./config.js";

const activations: Readonly<Record<Gpt2Activation, (x: tf.Tensor) => tf.Tensor>> = {
  "gelu-tanh": geluTanh,
  gelu: geluErf,
  relu: tf.relu,
};

/**
 * `outer(activation(inner(x)))`.
 *
 * @param x `[…, model]`
 * @returns `[…, model]`, owned by the caller. Differentiable in everything.
 */
export function feedForward(params: FeedForwardParams, x: tf.Tensor, activation: Gpt2Activation): tf.Tensor {
  return tf.tidy(() => linear(params.outer, activations[activation](linear(params.inner, x))));
}
