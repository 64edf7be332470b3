import type { Compile, SamplingOptions } from "@infinite-former/transformer";

/** How a runner is opened. */
export interface RunnerOptions {
  /** Makes the functions fast that every token runs: `compile` of `@infinite-former/tensorflow`, where that is the backend. */
  readonly compile?: Compile;
  /** Seeds the draws of sticky memories while it reads; 0 by default. */
  readonly seed?: number;
  /** Is told which damaged checkpoints were passed over. */
  readonly onNotice?: (line: string) => void;
}

/** How texts are written. */
export interface RunnerWriteOptions extends SamplingOptions {
  /** Tokens to write, at most; in a batch for each text. */
  readonly maxTokens: number;
  /** Strings before which a text ends. */
  readonly stop?: readonly string[];
  /** Equal seeds write equal texts; 0 by default. */
  readonly seed?: number;
  /** Ends the writing between two tokens. */
  readonly signal?: AbortSignal;
}

/** How one text is written; a stop string that it came to is in the memory then. */
export interface RunnerGenerateOptions extends RunnerWriteOptions {
  /** Read first; the text goes on from it. */
  readonly prompt?: string;
}

/** How several texts are written at once. */
export interface RunnerBatchOptions extends RunnerWriteOptions {
  /** One a text, at least one; each goes on from the memory and its prompt, which may be empty. */
  readonly prompts: readonly string[];
}

/** How a document is read. */
export interface RunnerReadOptions {
  /** Ends the reading between two pieces of eight segments; what was read until then stays, and no more is counted. */
  readonly signal?: AbortSignal;
  /** Is told the bytes of the file that have been read. */
  readonly onProgress?: (bytes: number) => void;
}
