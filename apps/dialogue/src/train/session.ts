import type { Compiler } from "@infinite-former/command-line";
import { type Gpt2, initialState } from "@infinite-former/gpt2";
import { countParameters, disposeTree } from "@infinite-former/tensor";
import {
  addUpdate,
  compileInParts,
  emptyCurve,
  initAdamW,
  type LearningCurve,
  type StepBatch,
  type StepReport,
  TrainingLoop,
  type TrainingProgress,
  type TrainingTrees,
} from "@infinite-former/training";
import { loadCheckpoint, pruneCheckpoints, saveCheckpoint } from "@infinite-former/training/node";
import type { DialogueConfig } from "../config/dialogue-config.js";
import { type ResponseBatch, responseBatch } from "../data/batch.js";
import { type Responses, trainingOrder } from "../data/responses.js";
import { responseSegments, type SegmentSizes } from "../data/segments.js";
import { type Origin, positionOf } from "../run/continuation.js";
import { createAdvance, readPrefix } from "./read-batch.js";
import { type Moments, type NoState, responseTask } from "./task.js";

type Trees = TrainingTrees<object, Moments, NoState>;

/** What a session is made of. */
export interface SessionOptions {
  /** The model as it begins; taken over. */
  readonly model: Gpt2;
  readonly config: DialogueConfig;
  readonly seed: number;
  /** Kept in checkpoints. */
  readonly origin: Origin;
  readonly responses: Responses;
  readonly sizes: SegmentSizes;
  readonly compile: Compiler;
  readonly signal: AbortSignal;
  /** Folder of the checkpoint to go on from; `null` starts anew. */
  readonly checkpoint: string | null;
}

/** The live part of one run: model, optimiser, data and where they stand. Owns every tensor of the run. */
export class TrainingSession {
  readonly parameters: number;
  readonly #options: SessionOptions;
  readonly #loop: TrainingLoop<object, Moments, NoState, ResponseBatch>;
  readonly #order: (place: number) => number;
  #curve: LearningCurve<"loss">;

  private constructor(
    options: SessionOptions,
    trees: Trees,
    progress: TrainingProgress,
    curve: LearningCurve<"loss">,
  ) {
    const { config, model, compile, seed, signal, responses } = options;
    const { training } = config;
    this.#options = options;
    this.#order = trainingOrder(responses.length, seed);
    this.#curve = curve;
    this.parameters = countParameters(trees.params);
    this.#loop = new TrainingLoop({
      task: responseTask(model, training),
      initial: trees,
      batch: (step) => this.#batch(step),
      schedule: {
        kind: "linear",
        peak: training.learningRate,
        warmupSteps: Math.min(training.warmupSteps, training.steps),
        totalSteps: training.steps,
      },
      steps: training.steps,
      seed,
      progress,
      compile: compileInParts({ advance: createAdvance(model, true), readPrefix }, compile),
      signal,
    });
  }

  /**
   * A session at step 0, or where a checkpoint stands.
   *
   * @throws {CheckpointError} `ERR_CHECKPOINT` naming file and tensor, if it does not fit the configuration.
   */
  static async open(options: SessionOptions): Promise<TrainingSession> {
    const { model, checkpoint } = options;
    const fresh: Trees = { params: model.params, optimizer: initAdamW<object>(model.params), state: {} };
    if (checkpoint === null) {
      return new TrainingSession(options, fresh, { step: 0, tokens: 0, seconds: 0 }, emptyCurve);
    }
    try {
      const { trees, state } = await loadCheckpoint(checkpoint, {
        model: fresh.params,
        optimizer: fresh.optimizer,
      });
      const { step, tokens, seconds, notes } = state;
      const { curve } = notes as { readonly curve: LearningCurve<"loss"> };
      const loaded: Trees = { params: trees.model, optimizer: trees.optimizer, state: {} };
      return new TrainingSession(options, loaded, { step, tokens, seconds }, curve);
    } finally {
      disposeTree(fresh);
    }
  }

  get progress(): TrainingProgress {
    return this.#loop.progress;
  }

  get curve(): LearningCurve<"loss"> {
    return this.#curve;
  }

  /** Trains, one report a step, until all steps are done or the signal asks to stop. */
  async *steps(): AsyncGenerator<StepReport, void, undefined> {
    const { steps, reportEvery } = this.#options.config.training;
    for await (const report of this.#loop) {
      const { step, metrics } = report;
      const point = { step, loss: metrics["tokenLoss"] as number };
      this.#curve = addUpdate(this.#curve, point, step % reportEvery === 0 || step === steps);
      yield report;
    }
  }

  /** Saves everything that the run goes on from. */
  async save(folder: string): Promise<void> {
    const { params, optimizer } = this.#loop.trees;
    const { config, seed, origin } = this.#options;
    await saveCheckpoint(
      folder,
      { model: params, optimizer },
      {
        ...this.progress,
        random: { seed, step: this.progress.step },
        data: positionOf(this.progress.step, config.training.batchSize),
        config,
        notes: { curve: this.curve, origin },
      },
    );
    await pruneCheckpoints(folder, { keep: 2, step: this.progress.step });
  }

  /** Frees every tensor of the run. */
  dispose(): void {
    this.#loop.dispose();
    this.#options.model.plan?.dispose();
  }

  #batch(step: number): StepBatch<ResponseBatch> {
    const { config, seed, sizes, responses } = this.#options;
    const { batchSize } = config.training;
    const rows = Array.from({ length: batchSize }, (_, row) =>
      responseSegments(responses.at(this.#order(step * batchSize + row)), sizes),
    );
    const memory = initialState(config.model, batchSize, "full");
    const tensors = responseBatch(rows, "weights", memory, { seed, step });
    const tokens = rows.reduce((sum, { weights }) => sum + weights.reduce((a, b) => a + b, 0), 0);
    return { tensors, tokens };
  }
}
