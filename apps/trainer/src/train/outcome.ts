import type { TokenName } from "../corpus/run-vocabulary.js";

/** How a training command ended. */
export interface TrainOutcome {
  /** The run's directory. */
  readonly run: string;
  /** Steps done. */
  readonly step: number;
  /** Steps wanted. */
  readonly steps: number;
  /** Whether all steps are done. */
  readonly finished: boolean;
  /** Whole-split validation loss in nats per token; `null` before the end. */
  readonly loss: number | null;
  /** What a token is. */
  readonly token: TokenName;
  /** `null` also where tokens are no characters. */
  readonly bitsPerCharacter: number | null;
  readonly perplexity: number | null;
  /** Training time in seconds. */
  readonly seconds: number;
  /** Text generated at the end; `null` where there is none. */
  readonly sample: string | null;
  /** Path of the report. */
  readonly report: string;
}
