import type { ModelSettings } from "../config/schema.js";

/** What tells the weights that a run started from: kept in its `config.json`. */
export interface StartedFrom {
  /** As `model.from` named it. */
  readonly path: string;
  /** Step of the checkpoint, where it was a run's. */
  readonly step?: number;
  /** SHA-256 of each file that says what the model is, by its name in the folder. */
  readonly files: Readonly<Record<string, string>>;
}

/** Certain weights: those that a source has when it is asked for them. */
export interface SourceWeights {
  readonly startedFrom: StartedFrom;
  /** Reads them: a tree of parameters owned by the caller. */
  load(): Promise<object>;
}

/** What a GPT-2 may start from. */
export interface ModelSource {
  /** As `model.from` names it. */
  readonly path: string;
  /** Settings that its weights decide: others are refused. */
  readonly structure: Partial<ModelSettings>;
  /** How a memory that it has was used: stands above a preset, and below what was asked for. */
  readonly usual: Partial<ModelSettings>;
  /** Its tokenizer as `data.tokenizer` names it; `null` where it has none. */
  readonly tokenizer: string | null;
  /** Whether its weights mean nothing under another tokenizer. */
  readonly tokenizerIsItsOwn: boolean;
  /**
   * Finds its weights and what tells them from others; they are not read yet.
   *
   * @param say is told which damaged checkpoints were passed over.
   */
  weights(say: (line: string) => void): Promise<SourceWeights>;
}
