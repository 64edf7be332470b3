import type { Compiler } from "@infinite-former/command-line";
import type { Rng } from "@infinite-former/random";
import { createGenerator, type LanguageModel } from "@infinite-former/transformer";

/** Several sequences that are continued together. */
export interface Continuation {
  /** Draws `count` tokens for every sequence; the prompts are read before the first. */
  advance(count: number): Promise<void>;
}

/** More tokens than any measurement draws. */
const enough = 1_000_000_000;

/**
 * Sequences to be continued a token at a time, all of them at once, as the
 * trainer's own generation does it, the likeliest token each time as the peers take it.
 *
 * @param prompts one array of ids per sequence.
 */
export function generateTokens<State extends object>(
  model: LanguageModel<State>,
  prompts: readonly ArrayLike<number>[],
  { rng, compile }: { readonly rng: Rng; readonly compile: Compiler },
): Continuation {
  const generator = createGenerator<State, LanguageModel<State>>(model, { compile });
  const tokens = generator.generateBatch({ prompts, maxTokens: enough, temperature: 0, rng });
  return {
    async advance(count) {
      for (let i = 0; i < count; i++) {
        const { done } = await tokens.next();
        if (done) throw new Error("generate: the texts have come to their end");
      }
    },
  };
}
