import type { Compiler } from "@infinite-former/command-line";
import { disposeTree } from "@infinite-former/tensor";
import {
  type AdamWState,
  adamWOptimizer,
  type Compile,
  crossEntropy,
  type StepTask,
  type TrainStep,
} from "@infinite-former/training";
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

type Step = TrainStep<object, Moments, NoState, SequenceBatch>;

/**
 * Compiles a step in two parts: the reading of one segment without gradient,
 * called once a segment, and the rest. So the graphs do not grow with the
 * length of the sequence (there are a few of them while the memories fill), and nothing is kept for gradients that nobody takes.
 * The numbers are those of the step as it is.
 */
export function compileInParts(model: SortingModel, compile: Compiler): Compile {
  const inParts = (step: Step): Step => {
    const advance = compile(createAdvance(model, true));
    const fast = compile(step);
    const whole: Step = (params, optimizer, state, batch, learningRate, seed) => {
      const rest = readPrefix(advance, params, batch);
      try {
        return fast(params, optimizer, state, rest, learningRate, seed);
      } finally {
        if (rest.memory !== batch.memory) disposeTree(rest.memory);
      }
    };
    const dispose = (): void => {
      advance.dispose();
      fast.dispose();
    };
    return Object.assign(whole, { dispose });
  };
  // The loop compiles its step and nothing else.
  return inParts as unknown as Compile;
}
