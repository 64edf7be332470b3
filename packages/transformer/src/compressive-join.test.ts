import { disposeTree, takeRows } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { feed, segmentLength, smallCompressive, stateNumbers } from "../test/compressive-model.js";
import { tokens } from "../test/model.js";
import { joinCompressiveRows } from "./compressive-join.js";
import { initialCompressiveState } from "./compressive-state.js";
import type { CompressiveTransformer } from "./compressive-transformer.js";
import { disposeCompressiveTransformer } from "./compressive-transformer.js";
import { read } from "./read.js";
import { readRagged } from "./read-ragged.js";

/** Products of other batch sizes may be summed in another order. */
const close = { abs: 2e-5, rel: 2e-5 };
const quirks = { positionTable: "moving", remainder: "reference" } as const;

describe.each([
  ["fixed positions", {}],
  ["moving positions, zero rows by the reference's rule", quirks],
])("a Compressive Transformer with %s", (_, options) => {
  let model: CompressiveTransformer;
  beforeAll(() => {
    model = smallCompressive(options);
  });
  afterAll(() => disposeCompressiveTransformer(model));
  const empty = (batch: number) => initialCompressiveState(model.config, batch);

  it("reads texts of different lengths together as if each were alone", () => {
    const before = tf.memory().numTensors;
    const texts = [17, 1, 10, 26, 3].map((length, i) => tokens(length, 30 + i));
    const start = empty(texts.length);
    const together = readRagged(model, start, texts);
    texts.forEach((text, row) => {
      const own = empty(1);
      const alone = read(model, own, [text]);
      const logits = takeRows(together.logits, [row]);
      expectClose(logits.dataSync(), alone.logits.dataSync(), close);
      const want = stateNumbers(alone.state);
      const got = stateNumbers(together.states[row] as typeof alone.state);
      expect(Object.keys(got)).toEqual(Object.keys(want));
      for (const [name, numbers] of Object.entries(got)) {
        expectClose(numbers, want[name] as number[], { ...close, name });
      }
      disposeTree([own, alone, logits]);
    });
    disposeTree([start, together]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("lets texts that began at different times be read on together", () => {
    const before = tf.memory().numTensors;
    const pasts = [0, 1, 6, 2].map((count, i) => tokens(count * segmentLength, 40 + i));
    const more = pasts.map((__, i) => tokens(4 * segmentLength, 50 + i));
    const sizes = (text: readonly number[]) => Array<number>(text.length / segmentLength).fill(segmentLength);
    const states = pasts.map((past) => feed(model, [past], sizes(past), empty(1)).state);
    const joined = joinCompressiveRows(states);
    disposeTree(states);
    const together = feed(model, more, sizes(more[0] as number[]), joined);
    pasts.forEach((past, row) => {
      const text = [...past, ...(more[row] as number[])];
      const alone = feed(model, [text], sizes(text), empty(1));
      const rest = (alone.logits[0] as number[]).slice(past.length * model.config.vocabularySize);
      expectClose(together.logits[row] as number[], rest, close);
      disposeTree(alone.state);
    });
    disposeTree(together.state);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses states at different places of a segment, and none", () => {
    const states = [feed(model, [[1, 2]], [2], empty(1)).state, empty(1)];
    const before = tf.memory().numTensors;
    expect(() => joinCompressiveRows(states)).toThrow(
      "joinCompressiveRows: states[1] must stand 2 tokens into its segment as states[0] does, got 0",
    );
    expect(() => joinCompressiveRows([])).toThrow("joinCompressiveRows: states must hold at least one");
    expect(tf.memory().numTensors).toBe(before);
    disposeTree(states);
  });
});
