import type { RecallTextConfig } from "./recall-text.js";

/** How a model is trained. JSON. */
export interface RecallTraining {
  /** Updates, each over one segment of every row. */
  readonly steps: number;
  /** Texts read side by side. */
  readonly rows: number;
  /** Largest rate of Adam, at the end of the warm-up; a cosine leads from there to a twentieth. */
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly clipNorm: number;
  /** What the model's own penalty counts in the loss. */
  readonly penaltyWeight: number;
}

/** Everything that decides a cell's figures, beside model and seed. JSON. */
export interface RecallConfig {
  readonly text: RecallTextConfig;
  /** Options of the model's own package. */
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: RecallTraining;
  /** Held-out documents. */
  readonly heldOut: number;
}
