import * as tf from "@tensorflow/tfjs-core";
import type { OutputCluster, WordParams } from "./adaptive-params.js";
import { adaptiveOutput } from "./adaptive-params.js";
import { manyRows, type RowProduct } from "./row-product.js";

/**
 * `log p(word)` of every word: a softmax over the head's words and one gate for
 * each further cluster; in those `log p(gate) + log p(word | cluster)`.
 *
 * @param features `[rows, model]`: what the output layer sees.
 * @param product differentiable by default.
 * @returns `[rows, vocabulary]`, owned by the caller; a softmax of it is itself. Differentiable where `product` is.
 * @throws {ConfigError} `ERR_CONFIG` if the model has no clusters.
 * @see Grave et al. (2017), "Efficient softmax approximation for GPUs", https://arxiv.org/abs/1609.04309
 */
export function adaptiveLogProbabilities(
  params: WordParams,
  features: tf.Tensor2D,
  product: RowProduct = manyRows,
): tf.Tensor2D {
  const { head, gates, tails } = adaptiveOutput("adaptiveLogProbabilities", params);
  return tf.tidy(() => {
    const [rows] = features.shape;
    const [words] = head.table.shape;
    const inHead = projected(head, features, product);
    const scores = [head, gates].map((part) => wordScores(part, inHead, product));
    const logs = tf.logSoftmax(tf.concat2d(scores, 1)) as tf.Tensor2D;
    const parts = tails.map((tail, i) => {
      const inside = tf.logSoftmax(wordScores(tail, projected(tail, features, product), product));
      return tf.add(inside, tf.slice(logs, [0, words + i], [rows, 1])) as tf.Tensor2D;
    });
    return tf.concat2d([tf.slice(logs, [0, 0], [rows, words]), ...parts], 1);
  });
}

/** `[rows, width]`: features as a cluster's words see them. */
export function projected(
  { projection }: OutputCluster,
  features: tf.Tensor2D,
  product: RowProduct,
): tf.Tensor2D {
  return projection === undefined ? features : product(features, { kernel: projection, transposed: true });
}

function wordScores(
  { table, bias }: Pick<OutputCluster, "table" | "bias">,
  features: tf.Tensor2D,
  product: RowProduct,
): tf.Tensor2D {
  return product(features, { kernel: table, bias, transposed: true });
}
