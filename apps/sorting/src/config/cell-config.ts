import { z } from "zod";
import type { ModelSettings } from "../models/sorting-model.js";

/** How a model is trained. JSON. */
export interface TrainingSettings {
  /** Updates; each has fresh sequences. */
  readonly steps: number;
  /** Sequences of one update. */
  readonly batchSize: number;
  /** Largest rate of Adam, at the end of the warm-up; a cosine leads from there to 0. */
  readonly learningRate: number;
  /** Updates over which the rate rises. */
  readonly warmupSteps: number;
  /** Largest global norm of the gradients. */
  readonly clipNorm: number;
  /** What the model's own penalty counts in the loss: KL of the ∞-former's densities, reconstruction of the compressed memory. */
  readonly penaltyWeight: number;
  /**
   * Segments with gradient, at least; those with answers have one in any case. Above 1 gradients flow through
   * the memories between them; at 1 memories are constant, as in the authors' training.
   */
  readonly gradientSegments: number;
  /** Updates between two points of the learning curve. */
  readonly reportEvery: number;
  /** Updates between two checkpoints. */
  readonly checkpointEvery: number;
}

/** How a model is scored. JSON. */
export interface EvaluationSettings {
  /** Held-out sequences. */
  readonly sequences: number;
}

/** Everything that decides a cell's figures, beside model, length and seed. JSON. */
export interface CellConfig {
  readonly model: ModelSettings;
  readonly training: TrainingSettings;
  readonly evaluation: EvaluationSettings;
}

const count = z.int("must be an integer of at least 1").min(1, "must be an integer of at least 1");
const positive = z.number("must be a number above 0").positive("must be a number above 0");
const notNegative = z.number("must be a number of at least 0").min(0, "must be a number of at least 0");

/** Schemas of the sections that this application checks itself; a model's package checks its own. */
export const sectionSchemas: {
  readonly training: z.ZodType<TrainingSettings>;
  readonly evaluation: z.ZodType<EvaluationSettings>;
} = {
  training: z.strictObject({
    steps: count,
    batchSize: count,
    learningRate: positive,
    warmupSteps: z.int("must be an integer of at least 0").min(0, "must be an integer of at least 0"),
    clipNorm: positive,
    penaltyWeight: notNegative,
    gradientSegments: count,
    reportEvery: count,
    checkpointEvery: count,
  }),
  evaluation: z.strictObject({ sequences: count }),
};
