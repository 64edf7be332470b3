import { createRng, type Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import {
  type AdamWState,
  adamWOptimizer,
  createTrainStep,
  crossEntropy,
  initAdamW,
  type StepResult,
  stepSeed,
  type TrainStep,
} from "@infinite-former/training";
import {
  createInfiniteFormer,
  type InfiniteFormer,
  infiniteFormer,
  initialState,
  meanPenalty,
  type TransformerParams,
  type TransformerState,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { charSizes, charStyle } from "./char-sizes.js";

interface Batch {
  readonly inputs: tf.Tensor2D;
  readonly targets: tf.Tensor1D;
}

type Moments = AdamWState<TransformerParams>;
type Step = TrainStep<TransformerParams, Moments, TransformerState, Batch>;

/** The step of the default preset, as a pure function over trees of tensors. */
export function charStep(model: InfiniteFormer): Step {
  return createTrainStep({
    optimizer: adamWOptimizer<TransformerParams>({ beta2: 0.99, weightDecay: 0.1 }),
    clipNorm: 1,
    loss(params: TransformerParams, state: TransformerState, { inputs, targets }: Batch) {
      const output = infiniteFormer({ ...model, params }, state, inputs);
      const logits = tf.reshape(output.logits as tf.Tensor, [-1, charSizes.vocabularySize]);
      const { loss } = crossEntropy(logits as tf.Tensor2D, targets);
      return { loss: tf.add(loss, tf.mul(meanPenalty(output), 1e-6)), state: output.state };
    },
  });
}

/** The model of the default preset with new parameters. */
export function charModel(rng: Rng): InfiniteFormer {
  const { basisCount, sampleCount, batch: _, ...sizes } = charSizes;
  const { gate, ...style } = charStyle;
  return createInfiniteFormer({ ...sizes, ...style, longTerm: { basisCount, sampleCount, gate } }, rng);
}

/** A model in training: parameters, moments and memory, carried from step to step. */
export class CharTraining {
  readonly #model: InfiniteFormer;
  readonly #batch: Batch;
  readonly #rate = tf.scalar(1e-3);
  #trees: Pick<StepResult<TransformerParams, Moments, TransformerState>, "params" | "optimizer" | "state">;
  #count = 0;

  constructor(seed: number) {
    const rng = createRng(seed);
    this.#model = charModel(rng);
    const { params, config } = this.#model;
    this.#trees = {
      params,
      optimizer: initAdamW(params),
      state: initialState(config, charSizes.batch, "full"),
    };
    const { batch, segmentLength, vocabularySize } = charSizes;
    const draw = (): Int32Array =>
      Int32Array.from({ length: batch * segmentLength }, () => rng.integer(0, vocabularySize));
    this.#batch = {
      inputs: tf.tensor2d(draw(), [batch, segmentLength], "int32"),
      targets: tf.tensor1d(draw(), "int32"),
    };
  }

  get model(): InfiniteFormer {
    return this.#model;
  }

  /** One step by `step`; its loss, read when all is done. */
  advance(step: Step): number {
    const { params, optimizer, state } = this.#trees;
    const seed = stepSeed(1, this.#count++);
    const next = step(params, optimizer, state, this.#batch, this.#rate, seed);
    const loss = next.loss.dataSync()[0] ?? Number.NaN;
    if (!Number.isFinite(loss)) throw new Error(`train-step: the loss became ${loss}`);
    disposeTree(this.#trees);
    tf.dispose([seed, next.loss, next.gradientNorm, next.finite, ...Object.values(next.metrics)]);
    this.#trees = { params: next.params, optimizer: next.optimizer, state: next.state };
    return loss;
  }
}
