import { type AdamWState, adamWOptimizer, crossEntropy, type StepTask } from "@infinite-former/training";
import * as tf from "@tensorflow/tfjs-core";
import type { TrainingSettings } from "../config/cell-config.js";
import type { SortingModel } from "../models/sorting-model.js";
import { createAdvance, readPrefix, readTail, type SequenceBatch } from "./read-batch.js";

/** Moments of a model's parameters. */
export type Moments = AdamWState<object>;

/** Between two steps nothing is remembered: every sequence starts with an empty memory. */
export type NoState = Readonly<Record<string, never>>;

/** One step: all sequences of a batch, from an empty memory to their last answer. */
export type SequenceTask = StepTask<object, Moments, NoState, SequenceBatch>;

/**
 * Loss of a batch of sequences: mean cross entropy of the answers, plus the
 * model's weighted penalty over the segments with gradient.
 *
 * @see Martins, Marinho & Martins (2022), "∞-former", section 4.1, https://arxiv.org/abs/2109.00301
 */
export function sequenceTask(model: SortingModel, settings: TrainingSettings): SequenceTask {
  const advance = createAdvance(model, true);
  return {
    optimizer: adamWOptimizer<object>(),
    clipNorm: settings.clipNorm,
    loss(params, _, batch) {
      const options = { training: true, throughPast: settings.gradientSegments > 1 };
      const { logits, penalty } = readTail(model, params, readPrefix(advance, params, batch), options);
      const { loss: answerLoss } = crossEntropy(logits, batch.answers);
      const right = tf.equal(tf.argMax(logits, -1), batch.answers);
      const metrics = { answerLoss, accuracy: tf.mean(tf.cast(right, "float32")) };
      if (penalty === null || settings.penaltyWeight === 0) return { loss: answerLoss, state: {}, metrics };
      const weighted = tf.mul(penalty, settings.penaltyWeight);
      return { loss: tf.add(answerLoss, weighted), state: {}, metrics: { ...metrics, penalty: weighted } };
    },
  };
}
