import { disposeTree, takeRows } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { read, readRagged } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { feed, smallGpt2, smallMemory, tokens } from "../test/model.js";
import type { Gpt2Options } from "./config.js";
import type { Gpt2 } from "./gpt2.js";
import { disposeGpt2 } from "./gpt2.js";
import { joinRows } from "./join-rows.js";
import { initialState } from "./state.js";

/** Products of other batch sizes may be summed in another order. */
const close = { abs: 2e-5, rel: 2e-5 };

describe.each<[string, Partial<Gpt2Options>]>([
  ["a plain GPT-2", {}],
  ["a GPT-2 with memory", smallMemory],
  ["a compressed memory", { compressed: { length: 7, ratio: 2, layers: [1] } }],
  ["sticky memories", { longTerm: { ...smallMemory.longTerm, sampling: "sticky", stickyBins: 7 } }],
])("texts of %s", (_, options) => {
  let model: Gpt2;
  beforeAll(() => {
    model = smallGpt2(options);
    // Uploads the constants of the memory.
    disposeTree(feed(model, [tokens(15, 1)], [5, 5, 5], initialState(model.config, 1)).state);
  });
  afterAll(() => disposeGpt2(model));

  it("that began at different times are read on together as if each were alone", () => {
    const before = tf.memory().numTensors;
    const pasts = [0, 1, 4, 2].map((count, i) => tokens(5 * count + 3, 40 + i));
    const more = pasts.map((__, i) => tokens(12, 50 + i));
    const states = pasts.map((past) => {
      const sizes = [...Array<number>((past.length - 3) / 5).fill(5), 3];
      return feed(model, [past], sizes, initialState(model.config, 1)).state;
    });
    const joined = joinRows(states);
    disposeTree(states);
    const together = feed(model, more, [2, 5, 5], joined);
    pasts.forEach((past, row) => {
      const text = [...past, ...(more[row] as number[])];
      const alone = feed(
        model,
        [text],
        Array<number>(text.length / 5).fill(5),
        initialState(model.config, 1),
      );
      expectClose(
        together.logits[row] as number[],
        (alone.logits[0] as number[]).slice(past.length * 11),
        close,
      );
      disposeTree(alone.state);
    });
    disposeTree(together.state);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("of different lengths are read together", () => {
    const texts = [13, 1, 5, 21].map((length, i) => tokens(length, 60 + i));
    const start = initialState(model.config, texts.length);
    const together = readRagged(model, start, texts);
    texts.forEach((text, row) => {
      const own = initialState(model.config, 1);
      const [alone, logits] = [read(model, own, [text]), takeRows(together.logits, [row])];
      expectClose(logits.dataSync(), alone.logits.dataSync(), close);
      disposeTree([own, alone, logits]);
    });
    disposeTree([start, together]);
  });

  it("at different places of a segment are refused", () => {
    const states = [
      feed(model, [[1, 2]], [2], initialState(model.config, 1)).state,
      initialState(model.config, 1),
    ];
    expect(() => joinRows(states)).toThrow("joinRows: states[1] must stand 2 tokens into its segment");
    expect(() => joinRows([])).toThrow("joinRows: states must hold at least one");
    disposeTree(states);
  });
});
