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
import type { TrainingSettings } from "../config/dialogue-config.js";
import type { ResponseBatch } from "../data/batch.js";
import { createAdvance, type ModelBody, readPrefix, readResponse } from "./read-batch.js";

/** Moments of a model's parameters. */
export type Moments = AdamWState<object>;

/** Between two steps nothing is remembered: every response starts with an empty memory. */
export type NoState = Readonly<Record<string, never>>;

/**
 * Loss of a batch of responses: mean cross entropy of their words and of what
 * ends them, plus the weighted penalty of the memory. Document and history are
 * read without a loss, and but for the last segment without gradient.
 */
export function responseTask(
  model: ModelBody,
  settings: TrainingSettings,
): StepTask<object, Moments, NoState, ResponseBatch> {
  const advance = createAdvance(model, true);
  const { learningRate, memoryLearningRate, weightDecay, clipNorm, penaltyWeight } = settings;
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
      if (penalty === null || penaltyWeight === 0)
        return { loss: tokenLoss, state: {}, metrics: { tokenLoss } };
      const weighted = tf.mul(penalty, penaltyWeight);
      return { loss: tf.add(tokenLoss, weighted), state: {}, metrics: { tokenLoss, penalty: weighted } };
    },
  };
}

type Step = TrainStep<object, Moments, NoState, ResponseBatch>;

/**
 * Compiles a step in two parts: the reading of one segment, called once a
 * segment before the last, and the rest. So there are two graphs whatever the
 * length of document and history. The numbers are those of the step as it is.
 */
export function compileInParts(model: ModelBody, compile: Compiler): Compile {
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
