import { createRng } from "@infinite-former/random";
import { disposeTree, takeRows } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import type { Decoder, LanguageModel } from "../src/index.js";
import { read, stickySeeds } from "../src/index.js";

/** A product of one row is summed in another order than one of a segment; measured below 2e-6 of the largest number. */
export const sameNumbers = { abs: 1e-5, rel: 2e-5 };

/** What is compared, and how. */
export interface ComparedDecoder<Model, State extends object> {
  /** Disposed in the end. */
  readonly decoder: Decoder<Model, State>;
  readonly start: () => State;
  readonly expectSameState: (got: State, want: State, name: string) => void;
}

/**
 * Decodes the last `count` tokens of texts after what comes before them, and
 * compares logits and state at every position of every row with `read`, the
 * ordinary forward pass token by token.
 */
export function compareWithRead<State extends object, Model extends LanguageModel<State>>(
  model: Model,
  texts: readonly (readonly number[])[],
  count: number,
  { decoder, start, expectSameState }: ComparedDecoder<Model, State>,
): void {
  const rng = createRng(8);
  const empty = start();
  const wanted = texts.map((text) =>
    text.length === count
      ? { state: start(), logits: null }
      : read(model, empty, [text.slice(0, -count)], { rng }),
  );
  const seeds = stickySeeds(rng, texts.length);
  const decoding = decoder.start(
    model,
    wanted.map(({ state }) => state),
    seeds,
  );
  for (let i = 0; i < count; i++) {
    const ids = texts.map((text) => text[text.length - count + i] as number);
    const logits = decoding.step(ids);
    ids.forEach((id, row) => {
      const before = wanted[row] as (typeof wanted)[0];
      const next = read(model, before.state, [[id]], { rng });
      disposeTree(before);
      wanted[row] = next;
      const own = takeRows({ logits }, [row]).logits;
      const name = `row ${row}, token ${i}`;
      expectClose(own.dataSync(), next.logits.dataSync(), { ...sameNumbers, name });
      const state = decoding.state(row);
      expectSameState(state, next.state, name);
      disposeTree([own, state]);
    });
    logits.dispose();
  }
  decoding.dispose();
  decoder.dispose();
  disposeTree([empty, seeds, ...wanted]);
}
