import type { Rng } from "@infinite-former/random";
import { RequestError } from "./request-error.js";
import type { SamplingOptions } from "./sampling.js";
import { checkSampling } from "./sampling.js";

/** How any generation goes on and ends. */
export interface GenerationOptions extends SamplingOptions {
  /** Tokens to generate, at least 0; in a batch for each sequence. */
  readonly maxTokens: number;
  /** Token ids after which a sequence ends; such a token is still given. None by default. */
  readonly stopTokens?: readonly number[];
  /**
   * Source of the choices; it also seeds the draws of sticky memories, as `read` says. In a batch sequence i has
   * `rng.split("sequence i")` to itself, so it is what that generator gives the sequence alone.
   */
  readonly rng: Rng;
  /** Ends the generation between two tokens. */
  readonly signal?: AbortSignal;
  /**
   * Whether the iterator returns the memory when it is run to the end, owned
   * by the caller: after all tokens, the last one included; `"unread"` after
   * all but the last one, with which another text then goes on as its prompt.
   */
  readonly keepState?: boolean | "unread";
}

/** What the generation of one sequence starts from and how it goes on. */
export interface GenerateOptions<State extends object> extends GenerationOptions {
  /** Token ids of the prompt, at least one, of any length. */
  readonly prompt: ArrayLike<number>;
  /** Memory to start from (one batch row), borrowed; an empty one by default. */
  readonly state?: State;
}

/** What the generation of several sequences at once starts from and how it goes on. */
export interface GenerateBatchOptions<State extends object> extends GenerationOptions {
  /** Token ids of each prompt, at least one in each, of any lengths. */
  readonly prompts: readonly ArrayLike<number>[];
  /** Memory to start from, one batch row a prompt, borrowed; empty ones by default. */
  readonly state?: State;
}

/**
 * Checks what a generation is asked for before any work is done.
 *
 * @throws {RequestError} `ERR_REQUEST` naming the option out of range.
 */
export function checkGeneration(options: GenerationOptions): void {
  checkSampling(options);
  const { maxTokens } = options;
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 0) {
    throw new RequestError(`generate: maxTokens must be an integer of at least 0, got ${maxTokens}`);
  }
}
