import type { CurvePoint } from "@infinite-former/training";
import type { DialogueConfig } from "../config/dialogue-config.js";
import type { Split } from "../data/responses.js";
import type { ModelName } from "../model/names.js";
import type { Evaluation, WrittenResponse } from "./evaluate-responses.js";

/** A trained model with what it can do, as `evaluate` gives it. JSON. */
export interface DialogueResult extends Omit<Evaluation, "written"> {
  readonly preset: string;
  readonly model: ModelName;
  readonly seed: number;
  readonly pretrained: boolean;
  readonly split: Split;
  /** Of the split. */
  readonly allResponses: number;
  /** Seed of what was drawn. */
  readonly samplingSeed: number;
  readonly parameters: number;
  /** Updates done. */
  readonly steps: number;
  /** Wall time of training. */
  readonly seconds: number;
  readonly evaluationSeconds: number;
  readonly dataSha256: string;
  readonly tokenizerSha256?: string;
  /** Of the files that it began with, by name; `null` for new weights. */
  readonly fromSha256?: Readonly<Record<string, string>> | null;
  readonly curve: readonly CurvePoint<"loss">[];
  /** Some responses, evenly spread. */
  readonly examples: readonly WrittenResponse[];
  readonly config: DialogueConfig;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: Readonly<Record<string, string | number>>;
  /** What trained it, then what evaluated it. */
  readonly command: string;
}
