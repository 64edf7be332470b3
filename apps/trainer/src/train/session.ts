import type { Compiler } from "@infinite-former/command-line";
import { type ContiguousBatches, contiguousBatches, type Vocabulary } from "@infinite-former/datasets";
import { createRng } from "@infinite-former/random";
import { countParameters, disposeTree } from "@infinite-former/tensor";
import {
  type Compile,
  initAdamW,
  learningRateAt,
  type ScheduleConfig,
  type StepReport,
  TrainingLoop,
  type TrainingProgress,
  type TrainingTrees,
} from "@infinite-former/training";
import {
  type CheckpointState,
  type KeptCheckpoints,
  loadCheckpoint,
  pruneCheckpoints,
  saveCheckpoint,
} from "@infinite-former/training/node";
import { createGenerator, type Generator } from "@infinite-former/transformer";
import type { TrainerConfig } from "../config/schema.js";
import type { EncodedSplit } from "../corpus/encoded-split.js";
import { createEvaluator, type EvaluateOptions, type Evaluation, type Evaluator } from "../evaluate-split.js";
import { createLanguageModel } from "../language-model.js";
import type { TrainerModel } from "../models/trainer-model.js";
import { sampleText } from "../sample.js";
import { adoptWeights } from "../source/adopt-weights.js";
import type { Origin } from "./continuation.js";
import { batchOf, cursorOf, type Moments, type SegmentBatch, segmentTask } from "./task.js";
import { addStep, emptyWindow, type ReportWindow, windowFromJson } from "./window.js";

type Trees = TrainingTrees<object, Moments, object>;

/** What a session is made of. */
export interface SessionOptions {
  readonly config: TrainerConfig;
  readonly vocabulary: Vocabulary;
  readonly tokens: { readonly train: EncodedSplit; readonly valid: EncodedSplit };
  /** What the checkpoints say they were trained on. */
  readonly origin: Origin;
  readonly compile: Compiler;
  readonly signal: AbortSignal;
  readonly skipNonFinite: number;
  /** Folder of the checkpoint to go on from; `null` starts anew. */
  readonly checkpoint: string | null;
  /** Reads the weights that a new run starts from; new ones by default. */
  readonly weights?: (() => Promise<object>) | undefined;
}

/**
 * The live part of a training run: model, optimiser, memory, data and where
 * they stand. Owns every tensor of the run.
 */
export class TrainingSession {
  readonly parameters: number;
  /** Steps that were left out because of NaN or infinity. */
  skipped = 0;
  window: ReportWindow = emptyWindow;
  readonly #options: SessionOptions;
  readonly #model: TrainerModel;
  readonly #batches: ContiguousBatches;
  readonly #evaluator: Evaluator;
  readonly #generator: Generator<TrainerModel, object>;
  readonly #schedule: ScheduleConfig;
  readonly #loop: TrainingLoop<object, Moments, object, SegmentBatch>;

  private constructor(
    options: SessionOptions,
    model: TrainerModel,
    trees: Trees,
    progress: TrainingProgress,
  ) {
    const { config, tokens, compile } = options;
    const { training } = config;
    this.#options = options;
    this.#model = model;
    this.parameters = countParameters(model.params);
    this.#batches = trainingBatches(config, tokens);
    this.#evaluator = createEvaluator(model, compile);
    this.#generator = createGenerator<object, TrainerModel>(model, { compile });
    this.#schedule = {
      kind: training.schedule,
      peak: training.learningRate,
      floor: Math.min(training.minimumLearningRate, training.learningRate),
      warmupSteps: Math.min(training.warmupSteps, training.steps),
      totalSteps: training.steps,
    };
    this.#loop = new TrainingLoop({
      task: segmentTask(model, config),
      initial: trees,
      batch: (step) => batchOf(this.#batches, step, model.config),
      schedule: this.#schedule,
      steps: training.steps,
      seed: training.seed,
      progress,
      compile: compile as unknown as Compile,
      signal: options.signal,
      skipNonFinite: options.skipNonFinite,
    });
  }

  /**
   * A session at step 0, or where a checkpoint stands.
   *
   * @throws {CheckpointError} `ERR_CHECKPOINT` naming file and tensor, if it does not fit the configuration.
   */
  static async open(options: SessionOptions): Promise<TrainingSession> {
    const { config, vocabulary, checkpoint, weights } = options;
    const rng = createRng(config.training.seed);
    const drawn = createLanguageModel(config.model, vocabulary, rng.split("model"));
    const model =
      checkpoint === null && weights !== undefined
        ? { ...drawn, params: adoptWeights(drawn.params, await weights()) }
        : drawn;
    const fresh: Trees = {
      params: model.params,
      optimizer: initAdamW(model.params),
      state: model.functions.initialState(model, config.training.batchSize, "full"),
    };
    if (checkpoint === null) {
      return new TrainingSession(options, model, fresh, { step: 0, tokens: 0, seconds: 0 });
    }
    try {
      const { trees, state } = await loadCheckpoint(checkpoint, {
        model: fresh.params,
        optimizer: fresh.optimizer,
        memory: fresh.state,
      });
      const loaded: Trees = { params: trees.model, optimizer: trees.optimizer, state: trees.memory };
      const { step, tokens, seconds } = state;
      const session = new TrainingSession(options, model, loaded, { step, tokens, seconds });
      const notes = (state.notes ?? {}) as Record<string, unknown>;
      session.window = windowFromJson(notes["window"]);
      if (Number.isSafeInteger(notes["skipped"])) session.skipped = notes["skipped"] as number;
      return session;
    } finally {
      disposeTree(fresh);
    }
  }

  get progress(): TrainingProgress {
    return this.#loop.progress;
  }

  /** Learning rate of the last step. */
  get learningRate(): number {
    return learningRateAt(this.#schedule, Math.max(0, this.progress.step - 1));
  }

  /** Trains, one report a step, until all steps are done or the signal asks to stop. */
  async *steps(): AsyncGenerator<StepReport, void, undefined> {
    let before = this.progress;
    for await (const report of this.#loop) {
      if (report.skipped) {
        this.skipped++;
      } else {
        this.window = addStep(this.window, {
          loss: report.metrics["tokenLoss"] ?? report.loss,
          penalty: report.metrics["penalty"] ?? 0,
          gradientNorm: report.gradientNorm,
          tokens: report.tokens - before.tokens,
          seconds: report.seconds - before.seconds,
        });
      }
      before = report;
      yield report;
    }
  }

  /** Loss over the validation split, with a memory of its own; `null` if the signal ended it. */
  async evaluate(options: Pick<EvaluateOptions, "limit" | "onProgress">): Promise<Evaluation | null> {
    return this.#evaluator.evaluate(this.#loop.trees.params, {
      ...options,
      tokens: this.#options.tokens.valid.source,
      documents: this.#options.tokens.valid.starts,
      rows: this.#options.config.training.evaluateRows,
      signal: this.#options.signal,
    });
  }

  /** Text written by the model as it is now; the same whenever it is asked at this step. */
  async sample(length: number): Promise<string> {
    const { config, vocabulary, signal } = this.#options;
    const rng = createRng(config.training.seed).split(`sample ${this.progress.step}`);
    const model = { ...this.#model, params: this.#loop.trees.params };
    return sampleText(this.#generator, model, vocabulary, { length, rng, signal });
  }

  /** Saves everything that the run goes on from, then lets go of old checkpoints. */
  async save(folder: string, kept: Omit<KeptCheckpoints, "step">): Promise<void> {
    const { params, optimizer, state } = this.#loop.trees;
    await saveCheckpoint(folder, { model: params, optimizer, memory: state }, this.#state());
    await pruneCheckpoints(folder, { ...kept, step: this.progress.step });
  }

  #state(): CheckpointState {
    const { config, origin } = this.#options;
    return {
      ...this.progress,
      random: { seed: config.training.seed, step: this.progress.step },
      data: cursorOf(this.#batches, this.progress.step),
      config,
      notes: { window: this.window, skipped: this.skipped, ...origin },
    };
  }

  /** Frees every tensor of the run. */
  dispose(): void {
    this.#evaluator.dispose();
    this.#generator.dispose();
    this.#loop.dispose();
    this.#model.disposeConstants();
  }
}

/** The training split as batches. */
export function trainingBatches(
  { model, training }: TrainerConfig,
  { train }: SessionOptions["tokens"],
): ContiguousBatches {
  return contiguousBatches({
    tokens: train.source,
    documents: train.starts,
    batchSize: training.batchSize,
    segmentLength: model.segmentLength,
  });
}
