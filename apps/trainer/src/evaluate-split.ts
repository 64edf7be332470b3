import { breathe, type Compiled, type Compiler } from "@infinite-former/command-line";
import { type ContiguousBatchesConfig, contiguousBatches, type TokenSource } from "@infinite-former/datasets";
import { disposeTree, tidyTree } from "@infinite-former/tensor";
import { noDropout } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { tokenLoss } from "./models/token-loss.js";
import type { TrainerModel } from "./models/trainer-model.js";
import { batchTensors, type SegmentBatch } from "./train/task.js";

/** How well a model predicts a text. */
export interface Evaluation {
  /** Mean over the targets read, in nats per token. */
  readonly loss: number;
  /** Targets read. */
  readonly tokens: number;
  /** Whether every target of the split was read. */
  readonly whole: boolean;
  readonly seconds: number;
}

/** How an evaluation runs. */
export interface EvaluateOptions {
  readonly tokens: TokenSource;
  /** Where each document starts: memories begin anew there. One document by default. */
  readonly documents?: readonly number[];
  /** Rows read side by side; the text is dealt to them in equal contiguous parts. */
  readonly rows: number;
  /** Stops after about so many targets, spread over all rows; 0 reads all. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Outputs of one evaluation step, owned by the caller. */
interface StepOutputs {
  /** Sum of the weighted losses. */
  readonly total: tf.Scalar;
  readonly state: object;
}

/** Evaluates one model again and again, with parameters that change. */
export interface Evaluator {
  /**
   * Loss over a text, with a memory of its own that starts empty.
   *
   * @returns the evaluation, or `null` if `signal` ended it.
   */
  evaluate(params: object, options: EvaluateOptions): Promise<Evaluation | null>;
  dispose(): void;
}

/** @param model gives configuration and constants; its parameters are not read. */
export function createEvaluator(model: TrainerModel, compile: Compiler): Evaluator {
  const { functions } = model;
  const step: Compiled<[object, object, SegmentBatch], StepOutputs> = compile(
    (params: object, state: object, batch: SegmentBatch) =>
      tidyTree(() => {
        const output = model.pass(params, functions.resetRows(state, batch.fresh), batch.inputs, {
          seeds: noDropout,
          penalty: false,
        });
        const { loss, weight } = tokenLoss(params, output, batch.goal);
        return { total: tf.mul(loss, weight) as tf.Scalar, state: output.state };
      }),
  );
  return {
    evaluate: (params, options) => run(model, step, params, options),
    dispose: () => step.dispose(),
  };
}

async function run(
  model: TrainerModel,
  step: Compiled<[object, object, SegmentBatch], StepOutputs>,
  params: object,
  options: EvaluateOptions,
): Promise<Evaluation | null> {
  const { tokens, signal, limit = 0, onProgress } = options;
  const { segmentLength } = model.config;
  const segments = Math.ceil((tokens.length - 1) / segmentLength);
  const config: ContiguousBatchesConfig = {
    tokens,
    ...(options.documents === undefined ? {} : { documents: options.documents }),
    batchSize: Math.max(1, Math.min(options.rows, segments)),
    segmentLength,
  };
  const batches = contiguousBatches(config);
  const each = config.batchSize * segmentLength;
  const steps = limit > 0 ? Math.min(batches.stepsPerEpoch, Math.ceil(limit / each)) : batches.stepsPerEpoch;
  let state = model.functions.initialState(model, config.batchSize, "full");
  let total = 0;
  let seen = 0;
  const start = performance.now();
  try {
    for (let index = 0; index < steps; index++) {
      if (signal?.aborted) return null;
      const batch = batches.at({ epoch: 0, step: index });
      const inputs = batchTensors(batch, config, model.config);
      const output = step(params, state, inputs);
      disposeTree(inputs);
      disposeTree(state);
      state = output.state;
      total += (await output.total.data())[0] as number;
      output.total.dispose();
      seen += batch.tokens;
      onProgress?.(index + 1, steps);
      await breathe();
    }
  } finally {
    disposeTree(state);
  }
  const seconds = (performance.now() - start) / 1000;
  return { loss: total / seen, tokens: seen, whole: seen === batches.targetsPerEpoch, seconds };
}
