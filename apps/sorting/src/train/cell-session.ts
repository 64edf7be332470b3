import type { Compiler } from "@infinite-former/command-line";
import type { SortingSequence } from "@infinite-former/datasets";
import { createRng } from "@infinite-former/random";
import { countParameters, disposeTree } from "@infinite-former/tensor";
import {
  addUpdate,
  compileInParts,
  emptyCurve,
  type LearningCurve,
  type StepBatch,
  type StepReport,
  TrainingLoop,
  type TrainingProgress,
  type TrainingTrees,
} from "@infinite-former/training";
import { loadCheckpoint, pruneCheckpoints, saveCheckpoint } from "@infinite-former/training/node";
import type { CellPlan } from "../config/grid.js";
import { sequenceTensors } from "../data/batch.js";
import { type SegmentPlan, segmentPlan } from "../data/segment-plan.js";
import { type SortingData, sortingData } from "../data/sorting-data.js";
import { modelKinds } from "../models/kinds.js";
import type { SortingModel } from "../models/sorting-model.js";
import { createAdvance, readPrefix, type SequenceBatch } from "./read-batch.js";
import { createScorer, type Score } from "./score.js";
import { segmentSeeds } from "./seeds.js";
import { type Moments, type NoState, sequenceTask } from "./task.js";

type Trees = TrainingTrees<object, Moments, NoState>;

/** What a session is made of. */
export interface CellSessionOptions {
  readonly plan: CellPlan;
  readonly compile: Compiler;
  readonly signal: AbortSignal;
  /** Folder of the checkpoint to go on from; `null` starts anew. */
  readonly checkpoint: string | null;
}

type Curve = LearningCurve<"loss" | "accuracy">;

/** What a checkpoint notes beside the trees. */
interface Notes {
  readonly curve: Curve;
  /** Largest resident memory of the processes so far. */
  readonly peakRssBytes: number;
}

/** The live part of one cell: model, optimiser, data and where they stand. Owns every tensor of the cell. */
export class CellSession {
  readonly parameters: number;
  readonly data: SortingData;
  readonly segments: SegmentPlan;
  readonly #options: CellSessionOptions;
  readonly #model: SortingModel;
  readonly #loop: TrainingLoop<object, Moments, NoState, SequenceBatch>;
  #notes: Notes;

  private constructor(
    options: CellSessionOptions,
    model: SortingModel,
    start: { readonly trees: Trees; readonly progress: TrainingProgress; readonly notes: Notes },
  ) {
    const { plan, compile, signal } = options;
    const { training, evaluation } = plan.config;
    this.#options = options;
    this.#model = model;
    this.#notes = start.notes;
    this.parameters = countParameters(model.params);
    this.data = sortingData(plan.length, plan.seed, evaluation.sequences);
    this.segments = segmentPlan({
      length: plan.length,
      answers: this.data.train.config.vocabularySize,
      segmentLength: model.segmentLength,
      gradientSegments: training.gradientSegments,
      wholeSegment: modelKinds[plan.model].wholeSegment,
    });
    this.#loop = new TrainingLoop({
      task: sequenceTask(model, training),
      initial: start.trees,
      batch: (step) => this.#batch(step),
      schedule: {
        kind: "cosine",
        peak: training.learningRate,
        warmupSteps: Math.min(training.warmupSteps, training.steps),
        totalSteps: training.steps,
      },
      steps: training.steps,
      seed: plan.seed,
      progress: start.progress,
      compile: compileInParts({ advance: createAdvance(model, true), readPrefix }, compile),
      signal,
    });
  }

  /**
   * A session at step 0, or where a checkpoint stands.
   *
   * @throws {CheckpointError} `ERR_CHECKPOINT` naming file and tensor, if it does not fit the configuration.
   */
  static async open(options: CellSessionOptions): Promise<CellSession> {
    const { plan, checkpoint } = options;
    const kind = modelKinds[plan.model];
    const model = kind.create(plan.config.model, createRng(plan.seed).split("model"));
    const { optimizer } = sequenceTask(model, plan.config.training);
    const fresh: Trees = { params: model.params, optimizer: optimizer.init(model.params), state: {} };
    if (checkpoint === null) {
      const progress = { step: 0, tokens: 0, seconds: 0 };
      return new CellSession(options, model, {
        trees: fresh,
        progress,
        notes: { curve: emptyCurve, peakRssBytes: 0 },
      });
    }
    try {
      const like = { model: fresh.params, optimizer: fresh.optimizer };
      const { trees, state } = await loadCheckpoint(checkpoint, like);
      const { step, tokens, seconds, notes } = state;
      return new CellSession(options, model, {
        trees: { params: trees.model, optimizer: trees.optimizer, state: {} },
        progress: { step, tokens, seconds },
        notes: notes as Notes,
      });
    } finally {
      disposeTree(fresh);
    }
  }

  get progress(): TrainingProgress {
    return this.#loop.progress;
  }

  get curve(): Curve {
    return this.#notes.curve;
  }

  /** Largest resident memory of this process, and of those that the cell was trained in before. */
  get peakRssBytes(): number {
    return Math.max(this.#notes.peakRssBytes, process.resourceUsage().maxRSS * 1024);
  }

  /** Trains, one report a step, until all steps are done or the signal asks to stop. */
  async *steps(): AsyncGenerator<StepReport, void, undefined> {
    const { steps, reportEvery } = this.#options.plan.config.training;
    for await (const report of this.#loop) {
      const { step, metrics } = report;
      const update = { step, loss: metrics["answerLoss"] as number, accuracy: metrics["accuracy"] as number };
      const complete = step % reportEvery === 0 || step === steps;
      this.#notes = { ...this.#notes, curve: addUpdate(this.curve, update, complete) };
      yield report;
    }
  }

  /** Score on the held-out sequences; `null` if the signal ended it. */
  async score(onProgress: (share: number) => void): Promise<Score | null> {
    const { compile, signal, plan } = this.#options;
    const scorer = createScorer(this.#model, this.segments, plan.config.training.batchSize, compile);
    try {
      return await scorer.score(this.#loop.trees.params, this.data.heldOut, { signal, onProgress });
    } finally {
      scorer.dispose();
    }
  }

  /** Saves everything that the cell goes on from. */
  async save(folder: string): Promise<void> {
    const { params, optimizer } = this.#loop.trees;
    const { plan } = this.#options;
    await saveCheckpoint(
      folder,
      { model: params, optimizer },
      {
        ...this.progress,
        random: { seed: plan.seed, step: this.progress.step },
        data: { sequences: this.progress.step * plan.config.training.batchSize },
        config: plan,
        notes: { curve: this.curve, peakRssBytes: this.peakRssBytes } satisfies Notes,
      },
    );
    await pruneCheckpoints(folder, { keep: 2, step: this.progress.step });
  }

  /** Frees every tensor of the cell. */
  dispose(): void {
    this.#loop.dispose();
    this.#model.dispose();
  }

  /** The batch of a step: sequences that no other step has. */
  #batch(step: number): StepBatch<SequenceBatch> {
    const { seed, config } = this.#options.plan;
    const { batchSize } = config.training;
    const sequences: SortingSequence[] = Array.from({ length: batchSize }, (_, row) =>
      this.data.train.at(step * batchSize + row),
    );
    const tensors: SequenceBatch = {
      ...sequenceTensors(sequences, this.segments),
      memory: this.#model.initialState(batchSize),
      seeds: segmentSeeds(seed, step, this.segments.ends.length),
    };
    return { tensors, tokens: batchSize * (this.segments.ends.at(-1) as number) };
  }
}
