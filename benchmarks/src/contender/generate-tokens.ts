import type { Compiler } from "@infinite-former/command-line";
import type { Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { type LanguageModel, read, sampleToken } from "@infinite-former/transformer";

/** Several sequences that are continued together. */
export interface Continuation {
  /** Draws `count` tokens for every sequence. */
  advance(count: number): Promise<void>;
}

/**
 * Sequences of one length, read into memory, to be continued a token at a time
 * for all of them at once.
 *
 * @param prompts one array of ids per sequence, all of one length.
 */
export function generateTokens<State extends object>(
  model: LanguageModel<State>,
  prompts: readonly ArrayLike<number>[],
  { rng }: { readonly rng: Rng; readonly compile: Compiler },
): Continuation {
  const start = model.functions.initialState(model, prompts.length);
  let now = read(model, start, prompts, { rng });
  disposeTree(start);
  return {
    async advance(count) {
      const { vocabularySize } = model.config;
      for (let i = 0; i < count; i++) {
        const scores = (await now.logits.data()) as Float32Array;
        const ids = prompts.map((_, row) => [
          sampleToken(scores.subarray(row * vocabularySize, (row + 1) * vocabularySize), {}, rng),
        ]);
        const next = read(model, now.state, ids, { rng });
        disposeTree(now);
        now = next;
      }
    },
  };
}
