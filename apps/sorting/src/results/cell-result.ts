import { z } from "zod";
import type { CellConfig } from "../config/cell-config.js";
import { type ModelName, modelNames } from "../models/names.js";

/** One point of a learning curve: means over the updates since the one before, on fresh sequences. */
export interface CurvePoint {
  readonly step: number;
  /** Cross entropy of the answers, nats a symbol. */
  readonly loss: number;
  /** Share of right answers, given the true ones before them. */
  readonly accuracy: number;
}

/** What needs no training, on the same held-out sequences: shares of right answers. */
export interface Baselines {
  /** Any symbol. */
  readonly chance: number;
  /** Any symbol not yet used. */
  readonly unused: number;
  /** Counting what the model can attend to one by one, or compressed; ties at random. */
  readonly countingVisible: number;
  /** Counting the whole sequence, ties at random; with ties by first occurrence it is 1. */
  readonly countingAll: number;
}

/** A finished cell, as its file holds it. JSON. */
export interface CellResult {
  readonly preset: string;
  readonly model: ModelName;
  /** What the cell's settings are called where they are not the preset's own. */
  readonly variant?: string | undefined;
  /** Symbols before the separator. */
  readonly length: number;
  readonly seed: number;
  /** Share of right answers over the held-out sequences, given the true ones before them. */
  readonly accuracy: number;
  /** The same at each place of the answer. */
  readonly accuracyByPosition: readonly number[];
  readonly heldOutSequences: number;
  readonly parameters: number;
  readonly steps: number;
  /** Wall time of training. */
  readonly seconds: number;
  readonly secondsPerStep: number;
  readonly peakRssBytes: number;
  readonly dataSha256: string;
  readonly baselines: Baselines;
  readonly curve: readonly CurvePoint[];
  readonly config: CellConfig;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly command: string;
}

const share = z.number().min(0).max(1);
const section = z.record(z.string(), z.unknown());

const schema = z.object({
  preset: z.string(),
  model: z.enum(modelNames),
  variant: z.string().optional(),
  length: z.int().min(1),
  seed: z.int().min(0),
  accuracy: share,
  accuracyByPosition: z.array(share).min(1),
  heldOutSequences: z.int().min(1),
  parameters: z.int().min(1),
  steps: z.int().min(1),
  seconds: z.number().min(0),
  secondsPerStep: z.number().min(0),
  peakRssBytes: z.int().min(0),
  dataSha256: z.string(),
  baselines: z.object({ chance: share, unused: share, countingVisible: share, countingAll: share }),
  curve: z.array(z.object({ step: z.int(), loss: z.number(), accuracy: share })),
  config: z.object({ model: section, training: section, evaluation: section }),
  versions: z.record(z.string(), z.string()),
  machine: z.record(z.string(), z.union([z.string(), z.number()])),
  command: z.string(),
});

/**
 * A cell from the text of its file.
 *
 * @returns the cell, or what is wrong with it.
 */
export function parseCell(text: string): CellResult | { readonly fault: string } {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return { fault: `cannot be parsed: ${(error as Error).message}` };
  }
  const parsed = schema.safeParse(document);
  // Which settings there are is the business of who compares them; a report shows none.
  if (parsed.success) return parsed.data as unknown as CellResult;
  const [issue] = parsed.error.issues;
  return {
    fault: `is no sorting cell: ${issue?.path.join(".") || "document"}: ${issue?.message ?? "wrong"}`,
  };
}
