import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, isNative } from "./backend.js";

/**
 * A table `[vocabulary, size]` whose row `v` is the sum of the `rows` with
 * `ids = v`: the transpose of a look-up. By a kernel of our own that adds in the
 * order of `rows` on native TensorFlow's processor backend, by
 * UnsortedSegmentSum where that computes on a GPU, by ScatterNd elsewhere (wasm has no other), by a one-hot product
 * where there is neither.
 *
 * @param rows `[count, size]`.
 * @param ids `[count]` int32 in `[0, vocabulary)`; not checked.
 * @returns `[vocabulary, size]`, owned by the caller.
 */
export function scatterRows(rows: tf.Tensor2D, ids: tf.Tensor1D, vocabulary: number): tf.Tensor2D {
  return tf.tidy(() => {
    if (hasKernel(fused)) {
      const [table] = tf.engine().runKernel(fused, { rows, ids }, { vocabulary }) as unknown as [tf.Tensor2D];
      return table;
    }
    if (isNative()) return tf.unsortedSegmentSum(rows, ids, vocabulary) as tf.Tensor2D;
    if (hasKernel("ScatterNd")) {
      return tf.scatterND(tf.expandDims(ids, -1), rows, [vocabulary, rows.shape[1]]) as tf.Tensor2D;
    }
    return tf.matMul(tf.cast(tf.oneHot(ids, vocabulary), "float32"), rows, true, false) as tf.Tensor2D;
  });
}

const fused = "InfiniteFormerScatterRows";
