import { type AdamWState, adamWOptimizer, crossEntropy, type StepTask } from "@infinite-former/training";
import * as tf from "@tensorflow/tfjs-core";
import type { TrainingSettings } from "../config/dialogue-config.js";
import type { ResponseBatch } from "../data/batch.js";
import { createAdvance, type ModelBody, readPrefix, readResponse } from "./read-batch.js";

/** Moments of a model's parameters. */
export type Moments = AdamWState<object>;

/** Between two steps nothing is remembered: every response starts with an empty memory. */
export type NoState = Readonly<Record<string, never>>;

/**
 * Loss of a batch of responses: mean cross entropy of their words and of what
 * ends them, plus the weighted KL penalty of a long-term memory or reconstruction of
 * a compressed one. Document and history are
 * read without a loss, and but for the last segment without gradient.
 */
export function responseTask(
  model: ModelBody,
  settings: TrainingSettings,
): StepTask<object, Moments, NoState, ResponseBatch> {
  const advance = createAdvance(model, true);
  const { learningRate, memoryLearningRate, weightDecay, clipNorm } = settings;
  const { klWeight, reconstructionWeight } = settings;
  const penaltyWeight = model.config.compressed === undefined ? klWeight : reconstructionWeight;
  const factor = (memoryLearningRate ?? learningRate) / learningRate;
  return {
    optimizer: adamWOptimizer<object>({
      weightDecay,
      rateFactors: factor === 1 ? {} : { longTerm: factor, compressed: factor },
    }),
    clipNorm,
    loss(params, _, batch) {
      const { logits, penalty } = readResponse(model, params, readPrefix(advance, params, batch), true);
      const { loss: tokenLoss } = crossEntropy(logits, batch.targets, batch.weights);
      if (penalty === null) return { loss: tokenLoss, state: {}, metrics: { tokenLoss } };
      const weighted = tf.mul(penalty, penaltyWeight);
      return { loss: tf.add(tokenLoss, weighted), state: {}, metrics: { tokenLoss, penalty: weighted } };
    },
  };
}
