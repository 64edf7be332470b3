import { disposeTree, takeRows, tidyTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectSameTree } from "@infinite-former/tooling-vitest/same-tree";
import { meanPenalty, read } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchOf, feed, smallCompressed, smallGpt2, smallMemory, tokens } from "../test/model.js";
import { plainGpt2 } from "../test/plain-gpt2.js";
import type { Gpt2Options } from "./config.js";
import type { Gpt2 } from "./gpt2.js";
import { disposeGpt2 } from "./gpt2.js";
import { gpt2 } from "./model.js";
import { initialState, resetRows } from "./state.js";
import { writeWeights } from "./weights.js";

/** Sums of some dozen float32 products, in another order or against float64. */
const close = { abs: 2e-5, rel: 2e-5 };

describe.each<[string, Partial<Gpt2Options>]>([
  ["as published", {}],
  ["with the exact GELU and another ε", { activation: "gelu-erf", normEpsilon: 0.01 }],
  ["with ReLU and a head of its own", { activation: "relu", tiedOutput: false }],
  ["with scores that are not scaled", { scaledScores: false }],
  ["with scores scaled by layer, one head", { scoresByLayer: true, layers: 3, heads: 1 }],
])("gpt2 %s", (_, options) => {
  it("equals the formulas in float64", async () => {
    const model = smallGpt2(options);
    const weights = await writeWeights(model.config, model.params);
    const [text, types] = [tokens(5, 1), tokens(5, 2)];
    const logits = (tokenTypes?: number[]): Float32Array =>
      tf.tidy(() => {
        const more = tokenTypes === undefined ? {} : { tokenTypes: batchOf([tokenTypes]) };
        const state = initialState(model.config, 1);
        return gpt2(model, state, batchOf([text]), more).logits?.dataSync() as Float32Array;
      });
    expectClose(logits(), plainGpt2(model.config, weights, text).flat(), close);
    expectClose(logits(types), plainGpt2(model.config, weights, text, types).flat(), close);
    disposeGpt2(model);
  });
});

describe.each<[string, Partial<Gpt2Options>]>([
  ["without memory", {}],
  ["with a long-term memory", smallMemory],
  [
    "with a memory of normed states, without gate",
    { longTerm: { ...smallMemory.longTerm, input: "normed", gate: false } },
  ],
  [
    "with sticky memories that are wiped",
    { longTerm: { ...smallMemory.longTerm, sampling: "sticky", stickyBins: 7, wipeAfter: 2 } },
  ],
  ["with a memory and segments of one token", { segmentLength: 1, ...smallMemory }],
  [
    "with a sticky memory in its last layers",
    { layers: 3, longTerm: { ...smallMemory.longTerm, sampling: "sticky", stickyBins: 7, layers: [1, 2] } },
  ],
  ["with a compressed memory", smallCompressed],
  ["with a compressed memory in one layer", { compressed: { length: 9, ratio: 1, layers: [1] } }],
])("gpt2 %s", (_, options) => {
  let model: Gpt2;
  beforeAll(() => {
    model = smallGpt2(options);
  });
  afterAll(() => disposeGpt2(model));
  const rows = [tokens(20, 1), tokens(20, 2)];
  const whole = (): number[] => Array(20 / model.config.segmentLength).fill(model.config.segmentLength);

  it("gives the same numbers by segments, in pieces, and a token at a time", () => {
    const bySegment = feed(model, rows, whole(), initialState(model.config, 2));
    const pieces = model.config.segmentLength === 1 ? whole() : [2, 3, 5, 1, 4, 4, 1];
    for (const sizes of [pieces, Array<number>(20).fill(1)]) {
      const inPieces = feed(model, rows, sizes, initialState(model.config, 2));
      bySegment.logits.forEach((want, b) => {
        expectClose(inPieces.logits[b] as number[], want, close);
      });
      expectSameTree(inPieces.state, bySegment.state, close);
      disposeTree(inPieces.state);
    }
    disposeTree(bySegment.state);
  });

  it("gives the same logits with memories that grow and with memories of full size", () => {
    const growing = feed(model, rows, whole(), initialState(model.config, 2, "growing"));
    const full = feed(model, rows, whole(), initialState(model.config, 2, "full"));
    growing.logits.forEach((want, b) => {
      expectClose(full.logits[b] as number[], want, close);
    });
    disposeTree([growing.state, full.state]);
  });

  it("keeps batch rows apart", () => {
    const both = feed(model, rows, whole(), initialState(model.config, 2));
    rows.forEach((row, b) => {
      const alone = feed(model, [row], whole(), initialState(model.config, 1));
      expectClose(both.logits[b] as number[], alone.logits[0] as number[], close);
      disposeTree(alone.state);
    });
    disposeTree(both.state);
  });

  it("starts a row afresh without touching the other", () => {
    for (const room of ["growing", "full"] as const) {
      const first = feed(model, rows, whole(), initialState(model.config, 2, room));
      const reset = tidyTree(() => resetRows(first.state, tf.tensor1d([0, 1])));
      disposeTree(first.state);
      const more = [tokens(20, 3), tokens(20, 4)];
      const after = feed(model, more, whole(), reset);
      const text = [...(rows[0] as number[]), ...(more[0] as number[])];
      const kept = feed(model, [text], [...whole(), ...whole()], initialState(model.config, 1));
      const fresh = feed(model, [more[1] as number[]], whole(), initialState(model.config, 1));
      expectClose(after.logits[0] as number[], (kept.logits[0] as number[]).slice(20 * 11), close);
      expectClose(after.logits[1] as number[], fresh.logits[0] as number[], close);
      disposeTree([after.state, kept.state, fresh.state]);
    }
  });

  it("can be forked by rows of its state", () => {
    const { state } = feed(model, rows, whole().slice(0, -1), initialState(model.config, 2));
    const forked = takeRows(state, [1, 1]);
    const last = rows.map(() => (rows[1] as number[]).slice(-model.config.segmentLength));
    const both = feed(model, last, whole().slice(0, 1), forked);
    expectClose(both.logits[0] as number[], both.logits[1] as number[], close);
    const alone = feed(model, [rows[1] as number[]], whole(), initialState(model.config, 1));
    const end = last[0]?.length ?? 0;
    expectClose(both.logits[0] as number[], (alone.logits[0] as number[]).slice(-end * 11), close);
    disposeTree([state, both.state, alone.state]);
  });

  it("leaves no tensors behind but what it gives, also where it throws", () => {
    const before = tf.memory().numTensors;
    disposeTree(feed(model, rows, whole(), initialState(model.config, 2)).state);
    const state = initialState(model.config, 1);
    const long = batchOf([tokens(7, 1)]);
    expect(() => gpt2(model, state, long)).toThrow(/gpt2: tokens must be 1 to \d a row .* got 7; use `read`/);
    expect(() => gpt2(model, state, batchOf(rows))).toThrow(/must have 1 rows as the state has, got 2/);
    disposeTree([state, long]);
    expect(tf.memory().numTensors - before).toBe(1); // the batch of two rows
  });
});

describe("gpt2's long-term memory", () => {
  it("carries a change over any number of segments, which a plain GPT-2 forgets", () => {
    for (const [options, remembers] of [
      [smallMemory, true],
      [{}, false],
    ] as const) {
      const model = smallGpt2(options);
      const text = tokens(20, 1);
      const changed = [((text[0] as number) + 1) % 11, ...text.slice(1)];
      const [a, b] = [text, changed].map((row) =>
        feed(model, [row], [5, 5, 5, 5], initialState(model.config, 1)),
      );
      const last = (logits: number[][]): number[] => (logits[0] as number[]).slice(-5 * 11);
      const difference = last(a?.logits as number[][]).map((v, i) =>
        Math.abs(v - (last(b?.logits as number[][])[i] as number)),
      );
      if (remembers) expect(Math.max(...difference)).toBeGreaterThan(1e-6);
      else expect(Math.max(...difference)).toBe(0);
      disposeTree([a?.state, b?.state] as object);
      disposeGpt2(model);
    }
  });

  it("gives penalties from the second segment on, none in rows without memory", () => {
    const model = smallGpt2(smallMemory);
    tf.tidy(() => {
      const first = gpt2(model, initialState(model.config, 2), batchOf([tokens(5, 1), tokens(5, 2)]));
      expect([first.penalties, first.remembering, meanPenalty(first).dataSync()[0]]).toEqual([null, null, 0]);
      const state = resetRows(first.state, tf.tensor1d([0, 1]));
      const { penalties, remembering } = gpt2(model, state, batchOf([tokens(5, 3), tokens(5, 4)]));
      expect([...(remembering as tf.Tensor).dataSync()]).toEqual([1, 0]);
      expect(penalties?.shape).toEqual([2, 15]);
      const values = [...(penalties as tf.Tensor).dataSync()];
      expect(Math.min(...values.slice(0, 15))).toBeGreaterThan(0);
      expect(values.slice(15)).toEqual(Array(15).fill(0));
    });
    disposeGpt2(model);
  });
});

describe("reading and a long text", () => {
  it("reads any length, and a plain model starts each segment anew", () => {
    const model = smallGpt2();
    const text = tokens(13, 9);
    const out = read(model, initialState(model.config, 1), [text]);
    const alone = read(model, initialState(model.config, 1), [text.slice(10)]);
    expectClose(out.logits.dataSync(), alone.logits.dataSync(), close);
    disposeTree([out, alone]);
    disposeGpt2(model);
  });
});
