import { addBias, rowLinear } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** A linear map; its kernel is `[inputs, outputs]`, or `[outputs, inputs]` with `transposed`. */
export interface RowMap {
  readonly kernel: tf.Tensor2D;
  /** `[outputs]` */
  readonly bias?: tf.Tensor1D | undefined;
  readonly transposed?: boolean;
}

/** `x · kernel + bias` for `x` `[rows, inputs]`; the result is the caller's. */
export type RowProduct = (x: tf.Tensor2D, map: RowMap) => tf.Tensor2D;

/** For any number of rows, differentiable. */
export const manyRows: RowProduct = (x, { kernel, bias, transposed = false }) =>
  tf.tidy(() => {
    const product: tf.Tensor2D = tf.matMul(x, kernel, false, transposed);
    return bias === undefined ? product : addBias(product, bias);
  });

/** For the few rows of a step of generation; without a gradient. */
export const fewRows: RowProduct = (x, { kernel, bias, transposed = false }) =>
  rowLinear({ kernel, ...(bias === undefined ? {} : { bias }) }, x, { transposed });
