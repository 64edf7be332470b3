import * as tf from "@tensorflow/tfjs-core";
import { hasKernel } from "./backend.js";
import { withGradient } from "./custom-gradient.js";
import { assertShape } from "./shape.js";

/** Kernel that gives losses and their gradient in one pass, where a backend has it. */
const fusedKernel = "SparseSoftmaxCrossEntropyWithLogits";

/**
 * `−log softmax(logits)[label]` row by row, stable for logits of any size, with
 * the gradient `softmax − one-hot` in closed form.
 *
 * @param logits `[rows, classes]` float32. Differentiable.
 * @param labels `[rows]` int32, `0 ≤ label < classes`; not checked.
 * @returns `[rows]`, owned by the caller.
 * @throws {ShapeError} `ERR_SHAPE` if a shape does not fit.
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const { rows, classes } = assertShape("softmaxCrossEntropy", "logits", logits, "[rows, classes]");
  assertShape("softmaxCrossEntropy", "labels", labels, "[rows]", { rows });
  return withGradient<tf.Tensor1D>([logits], (save) => {
    if (hasKernel(fusedKernel)) {
      const [losses, backprop] = tf
        .engine()
        .runKernel(fusedKernel, { logits, labels }) as unknown as tf.Tensor[];
      save([backprop!]);
      return {
        value: losses as tf.Tensor1D,
        gradient: (cotangent, [slope]) => [tf.mul(slope!, tf.expandDims(cotangent, 1))],
      };
    }
    const shifted = tf.sub(logits, tf.max(logits, 1, true));
    const logProbabilities = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
    const places = tf.range(0, classes, 1, "int32"); // oneHot refuses a single class
    const chosen = tf.cast(tf.equal(tf.expandDims(labels, 1), tf.expandDims(places, 0)), "float32");
    save([logProbabilities, chosen]);
    return {
      value: tf.neg(tf.sum(tf.mul(logProbabilities, chosen), 1)) as tf.Tensor1D,
      gradient: (cotangent, [logs, picks]) => [
        tf.mul(tf.sub(tf.exp(logs!), picks!), tf.expandDims(cotangent, 1)),
      ],
    };
  });
}
