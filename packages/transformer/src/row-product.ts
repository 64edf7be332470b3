import * as tf from "@tensorflow/tfjs-core";
import { nativeOperation } from "./native-operation.js";

/**
 * Few rows times a matrix. On native TensorFlow `MatMul`, which for a row or
 * eight takes half the time of the `BatchMatMulV2` behind `tf.matMul`; but
 * several rows times a transposed matrix, where the latter is the faster.
 *
 * @param rows `[count, inputs]`. @param kernel `[inputs, outputs]`, or `[outputs, inputs]` with `transposed`.
 * @returns `[count, outputs]`, owned by the caller; without a gradient.
 */
export function rowProduct(rows: tf.Tensor2D, kernel: tf.Tensor2D, transposed = false): tf.Tensor2D {
  const flags = { transpose_a: false, transpose_b: transposed };
  const product =
    nativeOperation("MatMul", [rows, kernel], flags) ?? tf.matMul(rows, kernel, false, transposed);
  return product as tf.Tensor2D;
}
