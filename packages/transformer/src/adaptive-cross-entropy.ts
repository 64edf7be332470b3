import {
  assertShape,
  embed,
  ShapeError,
  scatterRows,
  softmaxCrossEntropy,
  tidyTree,
  withGradient,
} from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { projected } from "./adaptive-log-probabilities.js";
import type { WordParams } from "./adaptive-params.js";
import { adaptiveOutput } from "./adaptive-params.js";
import type { ClusterTensors } from "./cluster-targets.js";
import { manyRows } from "./row-product.js";

/** What `adaptiveCrossEntropy` returns. */
export interface AdaptiveCrossEntropy {
  /** Scalar: weighted mean in nats per counted token; 0 if none counts. */
  readonly loss: tf.Scalar;
  /** `[rows]` −log p of each target, before weighting; 0 where the weight is 0. */
  readonly losses: tf.Tensor1D;
  /** Scalar: sum of the weights, so that `loss · weight` adds up over batches. */
  readonly weight: tf.Scalar;
}

/**
 * Cross entropy of next-token predictions in nats, in a model with clusters:
 * that of `adaptiveLogProbabilities`, which it never forms. The head is scored
 * for all rows, a further cluster for the rows whose target it holds.
 *
 * @param params of the model, or the part of them that knows its words.
 * @param features `[…, model]`, rows in all: `features` of a forward pass.
 * @param targets of `clusterTargets` for these rows; not checked but for their number.
 * @returns tensors owned by the caller; `loss` and `losses` are differentiable in parameters and features.
 * @throws {ConfigError} `ERR_CONFIG` if the model has no clusters.
 * @throws {ShapeError} `ERR_SHAPE` if the features don't fit model or targets.
 * @see Grave et al. (2017), "Efficient softmax approximation for GPUs", https://arxiv.org/abs/1609.04309
 * @example
 * const targets = clusterTensors(clusterTargets(model.config, ids, weights));
 * const { features } = forward(model, state, inputs, { logits: "none" });
 * const { loss } = adaptiveCrossEntropy(model.params, features, targets);
 */
export function adaptiveCrossEntropy(
  params: WordParams,
  features: tf.Tensor,
  targets: ClusterTensors,
): AdaptiveCrossEntropy {
  const { head, gates, tails } = adaptiveOutput("adaptiveCrossEntropy", params);
  const [, width] = head.table.shape;
  const model = head.projection?.shape[1] ?? width;
  assertShape("adaptiveCrossEntropy", "features", features, "[…, model]", { model });
  const rows = features.size / model;
  assertShape("adaptiveCrossEntropy", "targets.head.labels", targets.head.labels, "[rows]", { rows });
  if (targets.tails.length !== tails.length) {
    throw new ShapeError(
      `adaptiveCrossEntropy: targets.tails must be ${tails.length} as the model's, got ${targets.tails.length}`,
    );
  }
  return tidyTree(() => {
    const flat: tf.Tensor2D = tf.reshape(features, [rows, model]);
    const weights = targets.head.weights;
    // Tables are joined rather than scores: these are as many rows as the batch has.
    const kernel = tf.concat2d([head.table, gates.table], 0);
    const bias = tf.concat1d([head.bias, gates.bias]);
    const scores = manyRows(projected(head, flat, manyRows), { kernel, bias, transposed: true });
    const counts = tf.cast(tf.notEqual(weights, 0), "float32");
    let losses = tf.mul(softmaxCrossEntropy(scores, targets.head.labels), counts) as tf.Tensor1D;
    tails.forEach((tail, i) => {
      const own = targets.tails[i] as ClusterTensors["tails"][number];
      const features = projected(tail, embed(flat, own.rows) as tf.Tensor2D, manyRows);
      const inside = manyRows(features, { kernel: tail.table, bias: tail.bias, transposed: true });
      const each = tf.mul(softmaxCrossEntropy(inside, own.labels), own.counts) as tf.Tensor1D;
      losses = tf.add(losses, spread(each, own.rows, rows));
    });
    const weight = tf.sum(weights) as tf.Scalar;
    const divisor = tf.add(weight, tf.cast(tf.equal(weight, 0), "float32")); // 1 if nothing counts: the sum is 0 then
    return { loss: tf.div(tf.sum(tf.mul(losses, weights)), divisor) as tf.Scalar, losses, weight };
  });
}

/** `[count]`: `values` added to zeros at `rows`. Differentiable in `values`. */
function spread(values: tf.Tensor1D, rows: tf.Tensor1D, count: number): tf.Tensor1D {
  return withGradient<tf.Tensor1D>([values], (save) => {
    save([rows]);
    const column = scatterRows(tf.expandDims(values, 1) as tf.Tensor2D, rows, count);
    return {
      value: tf.reshape(column, [count]),
      gradient: (cotangent, [at]) => [tf.gather(cotangent, at as tf.Tensor1D)],
    };
  });
}
