import type { Gpt2Config, MemoryStart } from "@infinite-former/gpt2";
import { z } from "zod";

/** What of the data set is read, and how. JSON. */
export interface DataSettings {
  /** `gpt2` (its 50,257 byte pairs) or the folder of a tokenizer; null for that of `--from`, else `gpt2`. */
  readonly tokenizer: string | null;
  /** Whether the document is read before the conversation. */
  readonly withDocument: boolean;
  /** Most tokens of the document's text, its beginning; null for all. */
  readonly documentTokens: number | null;
  /** Most turns before a response, the latest; null for all. */
  readonly historyTurns: number | null;
  /** Most tokens of a turn where it is history, its end; null for all. */
  readonly turnTokens: number | null;
  /** How many turns stand before the first response of a conversation. */
  readonly firstResponse: number;
  /** Most tokens of a response, trained on, measured or written; the last segment keeps room for them. */
  readonly responseTokens: number;
}

/** How a model is fine-tuned. JSON. */
export interface TrainingSettings {
  /** Updates. */
  readonly steps: number;
  /** Responses of one update, of one conversation turn each. */
  readonly batchSize: number;
  /** Largest rate, at the end of the warm-up; it falls to 0 in a straight line. */
  readonly learningRate: number;
  /** Largest rate of what a memory has of its own; null for `learningRate`. */
  readonly memoryLearningRate: number | null;
  readonly warmupSteps: number;
  readonly weightDecay: number;
  /** Largest global norm of the gradients. */
  readonly clipNorm: number;
  /** What the KL penalty of a long-term memory's densities counts in the loss. */
  readonly klWeight: number;
  /** What the reconstruction of compressed rows counts, which alone trains the compression. */
  readonly reconstructionWeight: number;
  /** How a memory begins: `silent` leaves the model's answers as they are. */
  readonly memoryStart: MemoryStart;
  /** Updates between two points of the learning curve. */
  readonly reportEvery: number;
  /** Updates between two checkpoints. */
  readonly checkpointEvery: number;
}

/** How responses are written and scored. JSON. */
export interface EvaluationSettings {
  /** Nucleus sampling: the likeliest tokens that share this probability. */
  readonly topP: number;
  readonly temperature: number;
  /** Responses read and written side by side. */
  readonly rows: number;
  /** Responses kept in the result, evenly spread. */
  readonly examples: number;
}

/** Everything that decides a run's figures beside model, data, weights to start from and seed. JSON. */
export interface DialogueConfig {
  readonly model: Gpt2Config;
  readonly data: DataSettings;
  readonly training: TrainingSettings;
  readonly evaluation: EvaluationSettings;
}

const count = z.int("must be an integer of at least 1").min(1, "must be an integer of at least 1");
const whole = z.int("must be an integer of at least 0").min(0, "must be an integer of at least 0");
const positive = z.number("must be a number above 0").positive("must be a number above 0");
const notNegative = z.number("must be a number of at least 0").min(0, "must be a number of at least 0");
const share = z.number("must be above 0, at most 1").gt(0, "must be above 0").max(1, "must be at most 1");

/** Schemas of the sections that this application checks itself; the model's package checks its own. */
export const sectionSchemas: {
  readonly data: z.ZodType<DataSettings>;
  readonly training: z.ZodType<TrainingSettings>;
  readonly evaluation: z.ZodType<EvaluationSettings>;
} = {
  data: z.strictObject({
    tokenizer: z.string('must be "gpt2", a folder, or null').min(1, "must not be empty").nullable(),
    withDocument: z.boolean("must be true or false"),
    documentTokens: whole.nullable(),
    historyTurns: whole.nullable(),
    turnTokens: count.nullable(),
    firstResponse: whole,
    responseTokens: count,
  }),
  training: z.strictObject({
    steps: count,
    batchSize: count,
    learningRate: positive,
    memoryLearningRate: positive.nullable(),
    warmupSteps: whole,
    weightDecay: notNegative,
    clipNorm: positive,
    klWeight: notNegative,
    reconstructionWeight: notNegative,
    memoryStart: z.enum(["silent", "authors"], 'must be "silent" or "authors"'),
    reportEvery: count,
    checkpointEvery: count,
  }),
  evaluation: z.strictObject({
    topP: share,
    temperature: positive,
    rows: count,
    examples: whole,
  }),
};
