import * as tf from "@tensorflow/tfjs-core";
import { f, type KernelCase, none, positive, unary } from "./case.js";

/** Convolutions, pools and images. */
export const imageCases: readonly KernelCase[] = [
  {
    name: "conv1d",
    inputs: [f(2, 8, 3), f(3, 3, 4)],
    run: (x, k) => tf.conv1d(x as tf.Tensor3D, k as tf.Tensor3D, 1, "same"),
  },
  {
    name: "conv2d",
    inputs: [f(2, 6, 6, 3), f(3, 3, 3, 4)],
    run: (x, k) => tf.conv2d(x as tf.Tensor4D, k as tf.Tensor4D, 2, "valid"),
  },
  {
    name: "conv2dPad",
    inputs: [f(1, 6, 6, 2), f(3, 3, 2, 2)],
    run: (x, k) =>
      tf.conv2d(
        x as tf.Tensor4D,
        k as tf.Tensor4D,
        1,
        [
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ],
        "NHWC",
        1,
        "floor",
      ),
    gradient: none,
  },
  {
    name: "conv2dTranspose",
    inputs: [f(1, 4, 4, 3), f(3, 3, 2, 3)],
    run: (x, k) => tf.conv2dTranspose(x as tf.Tensor4D, k as tf.Tensor4D, [1, 8, 8, 2], 2, "same"),
  },
  {
    name: "conv3d",
    inputs: [f(1, 4, 4, 4, 2), f(2, 2, 2, 2, 3)],
    run: (x, k) => tf.conv3d(x as tf.Tensor5D, k as tf.Tensor5D, 1, "valid"),
  },
  {
    name: "fusedConv2d",
    inputs: [f(1, 5, 5, 2), f(3, 3, 2, 3)],
    run: (x, filter) =>
      tf.fused.conv2d({
        x: x as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        strides: 1,
        pad: "same",
        activation: "relu",
      }),
  },
  {
    name: "fusedDepthwise",
    inputs: [f(1, 5, 5, 2), f(3, 3, 2, 1)],
    run: (x, filter) =>
      tf.fused.depthwiseConv2d({
        x: x as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        strides: 1,
        pad: "same",
        activation: "relu",
      }),
  },
  {
    name: "depthwiseConv2d",
    inputs: [f(1, 5, 5, 2), f(3, 3, 2, 2)],
    run: (x, k) => tf.depthwiseConv2d(x as tf.Tensor4D, k as tf.Tensor4D, 1, "valid"),
  },
  {
    name: "separableConv2d",
    inputs: [f(1, 5, 5, 2), f(3, 3, 2, 1), f(1, 1, 2, 3)],
    run: (x, a, b) => tf.separableConv2d(x as tf.Tensor4D, a as tf.Tensor4D, b as tf.Tensor4D, 1, "same"),
  },
  {
    name: "dilation2d",
    inputs: [f(1, 5, 5, 2), f(2, 2, 2)],
    run: (x, k) => tf.dilation2d(x as tf.Tensor4D, k as tf.Tensor3D, 1, "valid"),
  },
  ...unary(
    {
      maxPool: (x) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid"),
      avgPool: (x) => tf.avgPool(x as tf.Tensor4D, 3, 1, "same"),
      resizeBilinear: (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [3, 5]),
      resizeNearest: (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [8, 8]),
      depthToSpace: (x) => tf.depthToSpace(x as tf.Tensor4D, 2, "NHWC"),
      spaceToBatch: (x) =>
        tf.spaceToBatchND(
          x,
          [2, 2],
          [
            [0, 0],
            [0, 0],
          ],
        ),
      localNormalization: (x) => tf.localResponseNormalization(x as tf.Tensor4D, 2),
      batchNorm: (x) =>
        tf.batchNorm(x as tf.Tensor4D, [0, 0, 0, 0], [1, 2, 3, 4], [1, 1, 1, 1], [1, 2, 1, 2]),
    },
    f(2, 4, 4, 4),
  ).map((one) => ({ ...one, ...(one.name === "depthToSpace" && { gradient: none }) })),
  {
    name: "batchToSpace",
    inputs: [f(4, 2, 2, 1)],
    run: (x) =>
      tf.batchToSpaceND(
        x as tf.Tensor,
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ),
  },
  ...unary(
    {
      maxPool3d: (x) => tf.maxPool3d(x as tf.Tensor5D, 2, 2, "valid"),
      avgPool3d: (x) => tf.avgPool3d(x as tf.Tensor5D, 2, 2, "valid"),
    },
    f(1, 4, 4, 4, 2),
  ),
  {
    name: "cropAndResize",
    inputs: [f(1, 6, 6, 2)],
    run: (x) =>
      tf.image.cropAndResize(
        x as tf.Tensor4D,
        tf.tensor2d([[0, 0, 0.7, 0.8]]),
        tf.tensor1d([0], "int32"),
        [3, 3],
      ),
    gradient: none,
  },
  {
    name: "flipLeftRight",
    inputs: [f(1, 4, 4, 2)],
    run: (x) => tf.image.flipLeftRight(x as tf.Tensor4D),
    gradient: none,
  },
  {
    name: "nonMaxSuppressionPadded",
    inputs: [positive(6, 4), positive(6)],
    run: (boxes, scores) =>
      Object.values(
        tf.image.nonMaxSuppressionPadded(boxes as tf.Tensor2D, scores as tf.Tensor1D, 3, 0.5, 0.1, true),
      ),
    gradient: none,
  },
];
