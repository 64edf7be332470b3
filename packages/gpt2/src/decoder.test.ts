import { createRng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { compile } from "@infinite-former/tensorflow";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectSameTree } from "@infinite-former/tooling-vitest/same-tree";
import type { Compile } from "@infinite-former/transformer";
import { generateBatch, read, stickySeeds } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { compareWithRead, sameNumbers } from "../../transformer/test/compare-with-read.js";
import { smallCompressed, smallGpt2, smallMemory, tokens } from "../test/model.js";
import type { Gpt2Options } from "./config.js";
import { gpt2Decoder } from "./decoder.js";
import { disposeGpt2, type Gpt2 } from "./gpt2.js";
import { type Gpt2State, initialState, resetRows } from "./state.js";

const eager: Compile = (fn) =>
  Object.assign((...args: Parameters<typeof fn>) => fn(...args), { dispose() {} });
const native = () => tf.getBackend() === "tensorflow";

const sticky = { ...smallMemory.longTerm, sampling: "sticky", stickyBins: 7 } as const;
const cases: [name: string, options: Partial<Gpt2Options>][] = [
  ["plain", {}],
  [
    "plain, scores by layer, an output of its own",
    { scoresByLayer: true, tiedOutput: false, activation: "relu" },
  ],
  ["with a memory", smallMemory],
  [
    "with a memory in B-splines, read by Gibbs densities",
    { longTerm: { ...sticky, basis: "bspline", density: "gibbs", basisWidths: [] } },
  ],
  [
    "with a memory in rectangles, read by mixtures",
    { longTerm: { ...sticky, basis: "rectangular", densityCount: 2, basisWidths: [] } },
  ],
  [
    "with a memory in Fourier functions, read by biweights",
    { longTerm: { ...sticky, basis: "fourier", density: "biweight", basisWidths: [] } },
  ],
  ["with a memory in polynomials", { longTerm: { ...sticky, basis: "legendre", basisWidths: [] } }],
  [
    "with a sticky memory of normed rows, wiped",
    { longTerm: { ...sticky, input: "normed", wipeAfter: 2 }, scoresByLayer: true },
  ],
  ["with a sticky memory in its last layers", { layers: 3, longTerm: { ...sticky, layers: [1, 2] } }],
  ["with a compressed memory", { ...smallCompressed, scoresByLayer: true }],
  ["with a compressed memory in one layer", { compressed: { length: 9, ratio: 1, layers: [1] } }],
];

/** A state with what is compressed as the rows that count: a decoding holds it at its full size. */
function counted({ compressed, ...state }: Gpt2State): object {
  const rows = compressed.map((memory) => {
    const [[count = 0], own] = [memory.filled.dataSync(), memory.rows.arraySync()[0] as number[][]];
    return own.slice(own.length - count);
  });
  if (rows.every(({ length }) => length === 0)) return state;
  return { ...state, compressed: rows.map((own) => tf.tensor2d(own)) };
}

describe("gpt2Decoder", () => {
  it.each(cases)("gives the logits and states of `read` at every position of every row: %s", (_, options) => {
    const model = smallGpt2(options); // segments of 5
    const texts = [0, 3, 5, 17].map((length, row) => tokens(length + 14, 30 + row));
    for (const how of native() ? [eager, compile as unknown as Compile] : [eager]) {
      compareWithRead<Gpt2State, Gpt2>(model, texts, 14, {
        decoder: gpt2Decoder(model, how),
        start: () => initialState(model.config, 1),
        expectSameState: (got, want, name) =>
          expectSameTree(counted(got), counted(want), { ...sameNumbers, name }),
      });
    }
    disposeGpt2(model);
  });

  it("lets a row of another document absorb nothing of the one before", () => {
    const model = smallGpt2(smallMemory);
    const start = initialState(model.config, 2);
    const past = read(model, start, [tokens(10, 1), tokens(10, 2)]);
    const ended = tf.tensor1d([0, 1]);
    const fresh = resetRows(past.state, ended);
    const seeds = stickySeeds(createRng(1), 2);
    const decoding = gpt2Decoder(model, eager).start(model, [fresh], seeds);
    let want = fresh;
    for (let i = 0; i < 12; i++) {
      const ids = [i % 11, (3 * i) % 11];
      const next = read(
        model,
        want,
        ids.map((id) => [id]),
      );
      const logits = decoding.step(ids);
      expectClose(logits.dataSync(), next.logits.dataSync(), { ...sameNumbers, name: `token ${i}` });
      disposeTree([want, logits, next.logits]);
      want = next.state;
    }
    decoding.dispose();
    disposeTree([start, past, ended, seeds, want]);
    disposeGpt2(model);
  });

  it("holds the same tensors through 60 tokens of a batch, and none afterwards", async () => {
    const model = smallGpt2(smallMemory);
    const options = { prompts: [tokens(3, 1), tokens(9, 2)], rng: createRng(1) };
    const how = native() ? { compile: compile as unknown as Compile } : {};
    for await (const _ of generateBatch(model, { ...options, ...how, maxTokens: 8 })); // now the plan's constants are there
    const before = tf.memory().numTensors;
    const counts: number[] = [];
    for await (const ids of generateBatch(model, { ...options, ...how, maxTokens: 60 })) {
      expect(ids).toHaveLength(2);
      counts.push(tf.memory().numTensors);
    }
    expect(new Set(counts.slice(15)).size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
    disposeGpt2(model);
  });
});
