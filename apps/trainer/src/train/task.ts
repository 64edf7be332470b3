import type { ContiguousBatches, TokenBatch } from "@infinite-former/datasets";
import { type AdamWState, adamWOptimizer, type StepBatch, type StepTask } from "@infinite-former/training";
import { dropoutSeeds, stickyRowSeeds } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { TrainerConfig } from "../config/schema.js";
import type { LanguageModelConfig } from "../language-model.js";
import { type Goal, goalTensors, tokenLoss } from "../models/token-loss.js";
import type { TrainerModel } from "../models/trainer-model.js";

/** Tensors of one step's data. */
export interface SegmentBatch {
  /** `[batch, L]` int32 */
  readonly inputs: tf.Tensor2D;
  /** The tokens that follow. */
  readonly goal: Goal;
  /** `[batch]` float32: 1 where the row begins a document. */
  readonly fresh: tf.Tensor1D;
}

/** Trees of a run. */
export type Moments = AdamWState<object>;

/** The task of one run: next-token loss with the memory carried from segment to segment. */
export type SegmentTask = StepTask<object, Moments, object, SegmentBatch>;

/**
 * Loss of one segment: mean cross entropy over its targets plus the model's
 * own weighted penalty. Rows that begin a document forget first.
 *
 * @param model gives configuration and constants; its parameters are not read.
 */
export function segmentTask(model: TrainerModel, { model: settings, training }: TrainerConfig): SegmentTask {
  return {
    optimizer: adamWOptimizer<object>({
      beta1: training.beta1,
      beta2: training.beta2,
      epsilon: training.epsilon,
      weightDecay: training.weightDecay,
      rateFactors: memoryRates(training),
    }),
    ...(training.clipNorm > 0 ? { clipNorm: training.clipNorm } : {}),
    loss(params, state, batch, seed) {
      const output = model.pass(params, model.functions.resetRows(state, batch.fresh), batch.inputs, {
        seeds: dropoutSeeds(settings.dropout, seed),
        ...(model.sticky ? { stickySeeds: stickyRowSeeds(seed, batch.inputs.shape[0]) } : {}),
      });
      const { loss } = tokenLoss(params, output, batch.goal);
      const { penalty, state: next } = output;
      if (penalty === null) return { loss, state: next, metrics: { tokenLoss: loss } };
      return { loss: tf.add(loss, penalty), state: next, metrics: { tokenLoss: loss, penalty } };
    },
  };
}

/** What memories have of their own learns at a rate of its own, where one is set. */
function memoryRates({
  learningRate,
  memoryLearningRate,
}: TrainerConfig["training"]): Record<string, number> {
  if (memoryLearningRate === null || memoryLearningRate === learningRate) return {};
  const factor = memoryLearningRate / learningRate;
  return { longTerm: factor, compressed: factor, compression: factor };
}

/** The batch of a step, counted over all epochs, as tensors that the caller owns. */
export function batchOf(
  batches: ContiguousBatches,
  step: number,
  config: LanguageModelConfig,
): StepBatch<SegmentBatch> {
  const batch = batches.at(cursorOf(batches, step));
  return { tensors: batchTensors(batch, batches, config), tokens: batch.tokens };
}

/** Where in the data a step reads. */
export function cursorOf(batches: ContiguousBatches, step: number): { epoch: number; step: number } {
  return { epoch: Math.floor(step / batches.stepsPerEpoch), step: step % batches.stepsPerEpoch };
}

/** A batch as tensors that the caller owns. */
export function batchTensors(
  batch: TokenBatch,
  { batchSize, segmentLength }: { readonly batchSize: number; readonly segmentLength: number },
  config: LanguageModelConfig,
): SegmentBatch {
  return {
    inputs: tf.tensor2d(batch.inputs, [batchSize, segmentLength], "int32"),
    goal: goalTensors(config, batch.targets, batch.weights),
    fresh: tf.tensor1d(Float32Array.from(batch.fresh)),
  };
}
