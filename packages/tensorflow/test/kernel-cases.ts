import * as tf from "@tensorflow/tfjs-core";
import { f, int, type KernelCase, none, positive } from "./kernel-cases/case.js";
import { elementWiseCases } from "./kernel-cases/element-wise.js";
import { imageCases } from "./kernel-cases/images.js";
import { productCases } from "./kernel-cases/products.js";

/** A use of every kernel that a graph can hold; a test says which one is missing. */
export const kernelCases: readonly KernelCase[] = [
  ...elementWiseCases,
  ...productCases,
  ...imageCases,
  {
    name: "losses",
    inputs: [positive(4, 3), positive(4, 3)],
    run: (a, b) => [
      tf.losses.softmaxCrossEntropy(a as tf.Tensor, b as tf.Tensor),
      tf.losses.huberLoss(a as tf.Tensor, b as tf.Tensor),
    ],
    gradient: none,
  },
  {
    name: "statelessRandom",
    inputs: [int(99, 2)],
    run: (seed) =>
      tf
        .engine()
        .runKernel("StatelessRandomUniform", { seed: seed as tf.Tensor }, { shape: [3, 5] }) as tf.Tensor,
  },
  {
    name: "sparseCrossEntropy",
    inputs: [f(4, 6), int(6, 4)],
    run: (logits, labels) =>
      (
        tf.engine().runKernel("SparseSoftmaxCrossEntropyWithLogits", {
          logits: logits as tf.Tensor,
          labels: labels as tf.Tensor,
        }) as unknown as tf.Tensor[]
      )[0] as tf.Tensor,
    gradient: [0],
  },
];

/** Kernels that no graph can hold, and why. */
export const refusedKernels: Readonly<Record<string, string>> = {
  Multinomial: "draws from a hidden generator",
  NonMaxSuppressionV3: "the shape of its result depends on values",
  NonMaxSuppressionV5: "the shape of its result depends on values",
  StaticRegexReplace: "works on strings",
  Unique: "the shape of its result depends on values",
};
