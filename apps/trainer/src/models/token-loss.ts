import { crossEntropy } from "@infinite-former/training";
import {
  adaptiveCrossEntropy,
  type ClusterTensors,
  clusterTargets,
  clusterTensors,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { LanguageModelConfig } from "../language-model.js";

/** What a batch has to predict, as tensors: plainly, or sorted into the clusters of an adaptive softmax. */
export type Goal =
  | {
      /** `[rows]` int32 */
      readonly targets: tf.Tensor1D;
      /** `[rows]` float32: 0 where there is no target. */
      readonly weights: tf.Tensor1D;
    }
  | { readonly clusters: ClusterTensors };

/** @returns tensors owned by the caller. */
export function goalTensors(config: LanguageModelConfig, targets: Int32Array, weights: Float32Array): Goal {
  if (isClustered(config)) return { clusters: clusterTensors(clusterTargets(config, targets, weights)) };
  return { targets: tf.tensor1d(targets, "int32"), weights: tf.tensor1d(weights) };
}

/** What of a forward pass the loss looks at: `none` where clusters make logits of all words unnecessary. */
export function wantedLogits(config: LanguageModelConfig): "all" | "none" {
  return isClustered(config) ? "none" : "all";
}

function isClustered(
  config: LanguageModelConfig,
): config is Parameters<typeof clusterTargets>[0] & LanguageModelConfig {
  return "adaptive" in config && config.adaptive !== null;
}

/** Mean loss over a batch's targets in nats, and the sum of their weights. */
export function tokenLoss(
  params: object,
  output: { readonly logits: tf.Tensor3D | null; readonly features: tf.Tensor },
  goal: Goal,
): { readonly loss: tf.Scalar; readonly weight: tf.Scalar } {
  if ("clusters" in goal) {
    return adaptiveCrossEntropy(
      params as Parameters<typeof adaptiveCrossEntropy>[0],
      output.features,
      goal.clusters,
    );
  }
  const logits = output.logits as tf.Tensor3D;
  return crossEntropy(tf.reshape(logits, [-1, logits.shape[2]]), goal.targets, goal.weights);
}
