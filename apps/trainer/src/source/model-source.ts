import type { ModelSettings } from "../config/schema.js";

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
  /** Reads the weights: a tree of parameters owned by the caller. */
  load(): Promise<object>;
}
