import { registerGradients, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { clipByGlobalNorm, clipScale, globalNorm } from "./clip.js";
import { ConfigError } from "./errors.js";
import { finiteFlag } from "./finite.js";
import type { Optimizer } from "./optimizer.js";
import { valueAndGrad } from "./value-and-grad.js";

/** What a model's loss over one batch returns. */
export interface StepLoss<M extends object> {
  /** Scalar to be minimised. */
  readonly loss: tf.Tensor;
  /** The model's state after the batch (memories). */
  readonly state: M;
  /** Scalars to be reported beside the loss. */
  readonly metrics?: Readonly<Record<string, tf.Tensor>>;
}

/** What is trained, on what, by what. `P`, `O`, `M`, `B`: trees of parameters, optimiser, model state, batch. */
export interface StepTask<P extends object, O extends object, M extends object, B extends object> {
  /**
   * Loss of one batch. Pure; must not read values back if the step is compiled.
   * @param seed `[2]` int32, different in every step: for dropout.
   */
  readonly loss: (params: P, state: M, batch: B, seed: tf.Tensor1D) => StepLoss<M>;
  readonly optimizer: Optimizer<P, O>;
  /** Largest global norm of the gradients; no clipping by default. */
  readonly clipNorm?: number;
  /** Paths of parameters that may have no gradient in some step. */
  readonly optional?: readonly string[];
}

/** One update's result. All tensors are new and owned by the caller. */
export interface StepResult<P extends object, O extends object, M extends object> {
  readonly params: P;
  readonly optimizer: O;
  readonly state: M;
  readonly loss: tf.Scalar;
  /** Before clipping. */
  readonly gradientNorm: tf.Scalar;
  /**
   * 1 if loss, gradients and the new state are finite, else 0. Then finite
   * parameters and moments stay finite too, short of a rate near 1e38.
   */
  readonly finite: tf.Scalar;
  readonly metrics: Readonly<Record<string, tf.Tensor>>;
}

/** One update as a pure function over trees of tensors: borrows all, reads nothing, can be compiled. */
export type TrainStep<P extends object, O extends object, M extends object, B extends object> = (
  params: P,
  optimizer: O,
  state: M,
  batch: B,
  learningRate: tf.Scalar,
  seed: tf.Tensor1D,
) => StepResult<P, O, M>;

/**
 * One update of any model: loss, gradients by path, clipping, optimiser.
 *
 * @throws {ConfigError} `ERR_CONFIG` unless `clipNorm` > 0. The step itself
 *   throws what `valueAndGrad` throws, and leaves no tensors behind then.
 * @example
 * const step = createTrainStep({ loss, optimizer: adamWOptimizer(), clipNorm: 1 });
 * const next = step(params, moments, memory, batch, tf.scalar(1e-3), tf.tensor1d([0, 1], "int32"));
 */
export function createTrainStep<P extends object, O extends object, M extends object, B extends object>(
  task: StepTask<P, O, M, B>,
): TrainStep<P, O, M, B> {
  const { clipNorm, optimizer, optional = [] } = task;
  if (clipNorm !== undefined && !(clipNorm > 0)) {
    throw new ConfigError(`createTrainStep: clipNorm must be > 0, got ${clipNorm}`, "clipNorm");
  }
  registerGradients();
  const clip = (gradients: P): { clipped: P; norm: tf.Scalar; scale?: tf.Scalar } => {
    if (clipNorm === undefined || optimizer.takesScale) {
      const norm = globalNorm(gradients);
      const scale = clipNorm === undefined ? {} : { scale: clipScale(norm, clipNorm) };
      return { clipped: gradients, norm, ...scale };
    }
    const { gradients: clipped, norm } = clipByGlobalNorm(gradients, clipNorm);
    return { clipped, norm };
  };
  return function trainStep(params, moments, state, batch, learningRate, seed) {
    return tidyTree(() => {
      const { loss, gradients, aux } = valueAndGrad(
        (values: P) => {
          const { loss, state: next, metrics = {} } = task.loss(values, state, batch, seed);
          return { loss, aux: { state: next, metrics } };
        },
        { optional },
      )(params);
      const { clipped, norm, scale } = clip(gradients);
      const updated = optimizer.update(params, clipped, moments, learningRate, scale);
      return {
        params: updated.params,
        optimizer: updated.state,
        state: aux.state,
        loss,
        gradientNorm: norm,
        finite: finiteFlag([loss, norm], aux.state),
        metrics: aux.metrics,
      };
    });
  };
}

/** `[2]` int32 seed of one step: the run's seed and the step's number, so that a resumed run draws the same. */
export function stepSeed(seed: number, step: number): tf.Tensor1D {
  return tf.tensor1d([seed | 0, step | 0], "int32");
}
