import type { Rng } from "@infinite-former/random";
import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "./custom-gradient.js";
import { initNormal, initUniform, zeros } from "./initialise.js";
import { assertShape } from "./shape.js";
import { sumRows } from "./sum-to-shape.js";

/** Parameters of a linear map. */
export interface LinearParams {
  readonly kernel: tf.Tensor2D; // [inputs, outputs]
  readonly bias?: tf.Tensor1D; // [outputs]
}

/** Size and initialisation of a linear map. */
export interface LinearConfig {
  readonly inputs: number;
  readonly outputs: number;
  /** Whether there is a bias; it starts at zero. Default true. */
  readonly bias?: boolean;
  /** Standard deviation of the kernel at the start. Default .02, the authors' choice. */
  readonly deviation?: number;
}

/** Parameters for `linear`: kernel from N(0, deviation²), bias zero. */
export function initLinear(config: LinearConfig, rng: Rng): LinearParams {
  const { inputs, outputs, bias = true, deviation = 0.02 } = config;
  const kernel = initNormal([inputs, outputs], deviation, rng) as tf.Tensor2D;
  return bias ? { kernel, bias: zeros([outputs]) as tf.Tensor1D } : { kernel };
}

/** Parameters for `linear` as PyTorch's default: kernel and bias uniform within ±1/√inputs. */
export function initUniformLinear(
  { inputs, outputs, bias = true }: Pick<LinearConfig, "inputs" | "outputs" | "bias">,
  rng: Rng,
): LinearParams {
  const bound = 1 / Math.sqrt(inputs);
  const kernel = initUniform([inputs, outputs], -bound, bound, rng) as tf.Tensor2D;
  return bias ? { kernel, bias: initUniform([outputs], -bound, bound, rng) as tf.Tensor1D } : { kernel };
}

/**
 * `y = x · kernel + bias` along the last axis.
 *
 * The leading axes are flattened: TensorFlow.js has no gradient for a product
 * of a rank-3 by a rank-2 tensor.
 *
 * @param x `[…, inputs]`.
 * @returns `[…, outputs]`, owned by the caller. Differentiable in everything.
 * @throws {ShapeError} `ERR_SHAPE` if the last axis of `x` is not `inputs`.
 */
export function linear(params: LinearParams, x: tf.Tensor): tf.Tensor {
  const { inputs, outputs } = assertShape("linear", "kernel", params.kernel, "[inputs, outputs]");
  assertShape("linear", "x", x, "[…, inputs]", { inputs });
  return tf.tidy(() => {
    const rows: tf.Tensor2D = tf.matMul(tf.reshape(x, [-1, inputs]), params.kernel);
    const biased = params.bias ? addBias(rows, params.bias) : rows;
    return x.rank === 2 ? biased : tf.reshape(biased, [...x.shape.slice(0, -1), outputs]);
  });
}

/**
 * Adds one vector to every row; its gradient is one product with a row of
 * ones, several times faster on native TensorFlow than a sum over an axis.
 *
 * @param rows `[count, size]`; @param bias `[size]`.
 */
export function addBias(rows: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  const { size } = assertShape("addBias", "rows", rows, "[count, size]");
  assertShape("addBias", "bias", bias, "[size]", { size });
  return withGradient<tf.Tensor2D>([rows, bias], () => ({
    value: tf.add(rows, bias),
    gradient: (cotangent) => [tf.clone(cotangent), sumRows(cotangent)],
  }));
}
