import { disposeTree, takeRows } from "@infinite-former/tensor";
import { expectSameTree } from "@infinite-former/tooling-vitest/same-tree";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallModel, tokens } from "../test/model.js";
import type { InfiniteFormer } from "./infinite-former.js";
import { disposeInfiniteFormer } from "./infinite-former.js";
import { joinRows } from "./join-rows.js";
import { read } from "./read.js";
import { readRagged } from "./read-ragged.js";
import { initialState } from "./state.js";

/** Products of other batch sizes may be summed in another order. */
const sameNumbers = { abs: 2e-5, rel: 2e-5 };

let model: InfiniteFormer;
beforeAll(() => {
  model = smallModel(); // segments of 5
  const start = initialState(model.config, 1);
  disposeTree([start, read(model, start, [tokens(20, 1)])]); // now the plan's constants are there
});
afterAll(() => disposeInfiniteFormer(model));
const empty = (batch: number) => initialState(model.config, batch);

describe("readRagged", () => {
  it("reads each row as if it were alone: shorter than a segment, at borders, of one token, far beyond", () => {
    const before = tf.memory().numTensors;
    const texts = [17, 1, 10, 26, 3, 5, 26].map((length, i) => tokens(length, 30 + i));
    const start = empty(texts.length);
    const together = readRagged(model, start, texts);
    texts.forEach((text, row) => {
      const own = empty(1);
      const alone = read(model, own, [text]);
      const logits = takeRows(together.logits, [row]);
      expectSameTree({ logits, state: together.states[row] }, alone, { ...sameNumbers, name: `row ${row}` });
      disposeTree([own, alone, logits]);
    });
    disposeTree([start, together]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses an empty row or an unknown id and leaves nothing behind", () => {
    const before = tf.memory().numTensors;
    const start = empty(2);
    expect(() => readRagged(model, start, [[1], []])).toThrow("tokens[1] must hold at least one id");
    expect(() => readRagged(model, start, [])).toThrow(RangeError);
    expect(() => readRagged(model, start, [[1], [2, 3, 4, 99]])).toThrow("got 99");
    disposeTree(start);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("joinRows", () => {
  it("lets texts that began at different times be read on together", () => {
    const before = tf.memory().numTensors;
    const pasts = [[], tokens(5, 41), tokens(30, 42), tokens(15, 43)];
    const more = pasts.map((_, i) => tokens(13, 50 + i));
    const states = pasts.map((past) => {
      const start = empty(1);
      if (past.length === 0) return start;
      const { state, logits } = read(model, start, [past]);
      disposeTree([start, logits]);
      return state;
    });
    const joined = joinRows(states);
    const together = read(model, joined, more);
    pasts.forEach((past, row) => {
      const start = empty(1);
      const alone = read(model, start, [[...past, ...(more[row] as number[])]]);
      const got = takeRows({ logits: together.logits, longTerm: together.state.longTerm }, [row]);
      expectSameTree(
        got,
        { logits: alone.logits, longTerm: alone.state.longTerm },
        { ...sameNumbers, name: `row ${row}` },
      );
      disposeTree([start, alone, got]);
    });
    disposeTree([states, joined, together]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("joins texts at the same place inside a segment and refuses others", () => {
    const before = tf.memory().numTensors;
    const start = empty(3);
    const { states, logits } = readRagged(model, start, [tokens(7, 1), tokens(12, 2), tokens(9, 3)]);
    const joined = joinRows(states.slice(0, 2));
    expect(joined.filled.arraySync()).toEqual([5, 10]);
    expect(() => joinRows(states)).toThrow(
      "joinRows: states[2] must stand 2 tokens into its segment as states[0] does, got 4",
    );
    expect(() => joinRows([])).toThrow("at least one");
    disposeTree([start, states, logits, joined]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
