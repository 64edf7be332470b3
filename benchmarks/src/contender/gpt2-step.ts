import type { Compiler } from "@infinite-former/command-line";
import { type Gpt2, type Gpt2Params, type Gpt2State, gpt2, initialState } from "@infinite-former/gpt2";
import { createRng } from "@infinite-former/random";
import { countParameters } from "@infinite-former/tensor";
import {
  type AdamWState,
  adamWOptimizer,
  type Compile,
  crossEntropy,
  type StepTask,
  TrainingLoop,
} from "@infinite-former/training";
import { dropoutSeeds, meanPenalty } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { sizes } from "../sizes.js";
import { gpt2Dropout, smallGpt2 } from "../small-gpt2.js";
import type { Assignment } from "./assignment.js";
import { runSteps } from "./run-steps.js";
import type { Subject } from "./subject.js";

interface Batch {
  /** `[batch, block]` int32 */
  readonly inputs: tf.Tensor2D;
  /** `[batch, block]` int32: the tokens that follow. */
  readonly targets: tf.Tensor2D;
}

type Task = StepTask<Gpt2Params, AdamWState<Gpt2Params>, Gpt2State, Batch>;

/** Weight of the densities' penalty, as the authors' launch script has it. */
const klWeight = 1e-6;

/** Fine-tuning of GPT-2 small on random tokens: AdamW, clipping, dropout as published. A unit is one step. */
export async function gpt2Step({ memory, seed }: Assignment, compile: Compiler): Promise<Subject> {
  const { batch, block, vocabularySize } = sizes.gpt2;
  const model = smallGpt2(memory, createRng(seed).split("model"));
  const task = fineTuning(model);
  const draws = createRng(seed).split("data");
  const tokens = (): tf.Tensor2D => {
    const ids = Int32Array.from({ length: batch * block }, () => draws.integer(0, vocabularySize));
    return tf.tensor2d(ids, [batch, block], "int32");
  };
  const parameters = countParameters(model.params);
  const loop = new TrainingLoop({
    task,
    initial: {
      params: model.params,
      optimizer: task.optimizer.init(model.params),
      state: initialState(model.config, batch, "full"),
    },
    batch: () => ({ tensors: { inputs: tokens(), targets: tokens() }, tokens: batch * block }),
    schedule: { kind: "constant", peak: 5e-5, totalSteps: 1_000_000_000 },
    steps: 1_000_000_000,
    seed,
    compile: compile as unknown as Compile,
  });
  return {
    parameters,
    run: runSteps(loop[Symbol.asyncIterator]()),
  };
}

/** Loss of one block: mean cross entropy, and the penalty of the memory's densities where there is one. */
function fineTuning(model: Gpt2): Task {
  return {
    optimizer: adamWOptimizer<Gpt2Params>(),
    clipNorm: 1,
    loss(params, state, { inputs, targets }, seed) {
      const output = gpt2({ ...model, params }, state, inputs, { seeds: dropoutSeeds(gpt2Dropout, seed) });
      const { loss } = crossEntropy(output.logits as tf.Tensor, targets);
      if (output.penalties === null) return { loss, state: output.state };
      return { loss: tf.add(loss, tf.mul(meanPenalty(output), klWeight)), state: output.state };
    },
  };
}
