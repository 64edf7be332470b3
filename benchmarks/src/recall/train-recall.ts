import type { Compiler } from "@infinite-former/command-line";
import {
  type AdamWState,
  adamWOptimizer,
  type Compile,
  crossEntropy,
  TrainingLoop,
} from "@infinite-former/training";
import * as tf from "@tensorflow/tfjs-core";
import type { RecallConfig } from "./recall-config.js";
import type { RecallModel } from "./recall-model.js";
import { recallStream } from "./recall-stream.js";
import { recallWords } from "./recall-text.js";

/** Tensors of one step's data. */
interface RecallTensors {
  readonly inputs: tf.Tensor2D;
  readonly targets: tf.Tensor1D;
  readonly weights: tf.Tensor1D;
  readonly fresh: tf.Tensor1D;
}

/** A training run: iterate over it to train; it owns the parameters of `model`. */
export type RecallLoop = TrainingLoop<object, AdamWState<object>, object, RecallTensors>;

/**
 * Training by the answers alone: mean cross entropy of the words after the
 * questions, over all words, plus the model's weighted penalty. Memories go
 * from segment to segment and are constant for gradients.
 */
export function recallLoop(
  model: RecallModel,
  { text, training }: RecallConfig,
  how: { readonly seed: number; readonly compile: Compiler; readonly signal: AbortSignal },
): RecallLoop {
  const { rows, steps, learningRate, warmupSteps, clipNorm, penaltyWeight } = training;
  const { size } = recallWords(text);
  const { segmentLength } = text;
  const stream = recallStream(text, { seed: how.seed, rows });
  const optimizer = adamWOptimizer<object>();
  return new TrainingLoop({
    task: {
      optimizer,
      clipNorm,
      optional: ["layers"], // an empty memory has no gradient, nor has a penalty that counts nothing
      loss(params, state, { inputs, targets, weights, fresh }, seed) {
        const output = model.read(params, model.resetRows(state, fresh), inputs, seed);
        const { loss } = crossEntropy(tf.reshape(output.logits, [-1, size]), targets, weights);
        const metrics = { answerLoss: loss };
        if (output.penalty === null || penaltyWeight === 0) return { loss, state: output.state, metrics };
        const penalty = tf.mul(output.penalty, penaltyWeight);
        return { loss: tf.add(loss, penalty), state: output.state, metrics };
      },
    },
    initial: {
      params: model.params,
      optimizer: optimizer.init(model.params),
      state: model.initialState(rows),
    },
    batch(step) {
      const { inputs, targets, weights, fresh } = stream(step);
      const tensors: RecallTensors = {
        inputs: tf.tensor2d(inputs, [rows, segmentLength], "int32"),
        targets: tf.tensor1d(targets, "int32"),
        weights: tf.tensor1d(weights),
        fresh: tf.tensor1d(fresh),
      };
      return { tensors, tokens: rows * segmentLength };
    },
    schedule: {
      kind: "cosine",
      peak: learningRate,
      floor: learningRate / 20,
      warmupSteps: Math.min(warmupSteps, steps),
      totalSteps: steps,
    },
    steps,
    seed: how.seed,
    compile: how.compile as unknown as Compile,
    signal: how.signal,
  });
}
