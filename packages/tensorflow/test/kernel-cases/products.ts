import * as tf from "@tensorflow/tfjs-core";
import { binary, bool, f, int, type KernelCase, none } from "./case.js";

/** Products, joins, look-ups, and what takes complex numbers. */
export const productCases: readonly KernelCase[] = [
  ...binary(
    {
      matMul: (a, b) => tf.matMul(a, b),
      matMulTransposed: (a, b) => tf.matMul(a, tf.transpose(b), false, true),
      outer: (a, b) => tf.outerProduct(tf.reshape(a, [12]), tf.reshape(b, [20])),
      fusedMatMul: (a, b) => tf.fused.matMul({ a, b, activation: "relu" }),
      fusedMatMulBias: (a, b) =>
        tf.fused.matMul({ a, b, bias: tf.tensor1d([1, 2, 3, 4, 5]), activation: "sigmoid" }),
    },
    f(3, 4),
    f(4, 5),
  ),
  {
    name: "batchMatMul",
    inputs: [f(2, 3, 4), f(2, 5, 4)],
    run: (a, b) => tf.matMul(a as tf.Tensor, b as tf.Tensor, false, true),
  },
  {
    name: "einsum",
    inputs: [f(2, 3, 4), f(2, 4, 5)],
    run: (a, b) => tf.einsum("bij,bjk->bik", a as tf.Tensor, b as tf.Tensor),
    gradient: none,
  },
  { name: "dot", inputs: [f(4), f(4)], run: (a, b) => tf.dot(a as tf.Tensor, b as tf.Tensor) },
  { name: "addN", inputs: [f(3), f(3), f(3)], run: (...all) => tf.addN(all) },
  { name: "concat", inputs: [f(2, 3), f(2, 1), f(2, 2)], run: (...all) => tf.concat(all, 1) },
  { name: "stack", inputs: [f(2, 3), f(2, 3)], run: (...all) => tf.stack(all, 1) },
  { name: "split", inputs: [f(2, 6)], run: (x) => tf.split(x as tf.Tensor, [1, 2, 3], 1) },
  { name: "unstack", inputs: [f(2, 3)], run: (x) => tf.unstack(x as tf.Tensor) },
  { name: "topk", inputs: [f(3, 6)], run: (x) => Object.values(tf.topk(x as tf.Tensor, 2)), gradient: none },
  {
    name: "gather",
    inputs: [f(5, 3), int(5, 2, 4)],
    run: (x, at) => tf.gather(x as tf.Tensor, at as tf.Tensor1D),
    gradient: [0],
  },
  {
    name: "gatherAxis",
    inputs: [f(2, 5), int(5, 3)],
    run: (x, at) => tf.gather(x as tf.Tensor, at as tf.Tensor1D, 1),
    gradient: [0],
  },
  {
    name: "gatherND",
    inputs: [f(4, 3), int(3, 5, 2)],
    run: (x, at) => tf.gatherND(x as tf.Tensor, at as tf.Tensor),
    gradient: none,
  },
  {
    name: "scatterND",
    inputs: [f(3, 2), int(5, 3, 1)],
    run: (x, at) => tf.scatterND(at as tf.Tensor, x as tf.Tensor, [5, 2]),
    gradient: none,
  },
  {
    name: "tensorScatterUpdate",
    inputs: [f(5, 2), f(1, 2), int(5, 1, 1)],
    run: (x, y, at) => tf.tensorScatterUpdate(x as tf.Tensor, at as tf.Tensor, y as tf.Tensor),
    gradient: none,
  },
  {
    name: "sparseToDense",
    inputs: [f(1), int(5, 1)],
    run: (x, at) => tf.sparseToDense(at as tf.Tensor1D, x as tf.Tensor1D, [5]),
    gradient: none,
  },
  { name: "oneHot", inputs: [int(4, 6)], run: (x) => tf.oneHot(x as tf.Tensor1D, 4), gradient: none },
  {
    name: "unsortedSegmentSum",
    inputs: [f(6, 2), int(3, 6)],
    run: (x, s) => tf.unsortedSegmentSum(x as tf.Tensor2D, s as tf.Tensor1D, 3),
    gradient: [0],
  },
  {
    name: "bincount",
    inputs: [int(4, 6), f(6)],
    run: (x, w) => tf.bincount(x as tf.Tensor1D, w as tf.Tensor1D, 4),
    gradient: none,
  },
  {
    name: "where",
    inputs: [bool(3, 4), f(3, 4), f(3, 4)],
    run: (c, a, b) => tf.where(c as tf.Tensor, a as tf.Tensor, b as tf.Tensor),
    gradient: [1, 2],
  },
  {
    name: "broadcastArgs",
    inputs: [],
    run: () =>
      tf.broadcastArgs(tf.tensor1d([2, 1], "int32"), tf.tensor1d([3], "int32")) as unknown as tf.Tensor,
  },
  {
    name: "complex",
    inputs: [f(4), f(4)],
    run: (a, b) => {
      const c = tf.complex(a as tf.Tensor, b as tf.Tensor);
      return [tf.real(c), tf.imag(c), tf.abs(c), tf.real(tf.fft(c)), tf.imag(tf.ifft(c))];
    },
    gradient: none,
  },
  { name: "rfft", inputs: [f(8)], run: (x) => tf.irfft(tf.rfft(x as tf.Tensor)), gradient: none },
];
