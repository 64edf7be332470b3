import type { Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { LanguageModel } from "./language-model.js";
import { read } from "./read.js";
import type { SamplingOptions } from "./sampling.js";
import { checkSampling, sampleToken } from "./sampling.js";

/** What generation starts from and how it goes on. */
export interface GenerateOptions<State extends object> extends SamplingOptions {
  /** Token ids of the prompt, at least one, of any length. */
  readonly prompt: ArrayLike<number>;
  /** Memory to start from (one batch row), borrowed; an empty one by default. */
  readonly state?: State;
  /** Tokens to generate, at least 0. */
  readonly maxTokens: number;
  /** Source of the choices; it also seeds the draws of sticky memories, as `read` says. */
  readonly rng: Rng;
  /** Ends the generation between two tokens. */
  readonly signal?: AbortSignal;
  /**
   * Whether the iterator returns its state when it is run to the end: the
   * memory after all tokens, the last one included, owned by the caller.
   */
  readonly keepState?: boolean;
}

/**
 * Reads the prompt, then yields one token id at a time; the memories carry all
 * that was read and generated.
 *
 * The iterator owns its state: when it ends, is left early, is aborted or
 * throws, all its tensors are freed, but for the state it returns if asked to.
 *
 * @throws {RangeError} for a bad option or prompt, before any work.
 */
export async function* generate<State extends object>(
  model: LanguageModel<State>,
  options: GenerateOptions<State>,
): AsyncGenerator<number, State | null, void> {
  checkSampling(options);
  const { prompt, maxTokens, rng, signal, keepState = false } = options;
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 0) {
    throw new RangeError(`generate: maxTokens must be an integer of at least 0, got ${maxTokens}`);
  }
  let state = options.state ?? model.functions.initialState(model, 1);
  let logits: tf.Tensor2D | null = null;
  let borrowed = options.state !== undefined;
  const feed = (ids: ArrayLike<number>): void => {
    const next = read(model, state, [ids], { rng });
    if (!borrowed) disposeTree(state);
    borrowed = false;
    logits?.dispose();
    ({ state, logits } = next);
  };
  try {
    feed(prompt);
    for (let count = 1; count <= maxTokens && !signal?.aborted; count++) {
      const scores = await (logits as unknown as tf.Tensor2D).data();
      const token = sampleToken(scores, options, rng);
      yield token;
      if (count < maxTokens || keepState) feed([token]);
    }
    if (!keepState) return null;
    const kept = state;
    borrowed = true; // now the caller's
    return kept;
  } finally {
    (logits as tf.Tensor2D | null)?.dispose();
    if (!borrowed) disposeTree(state);
  }
}
