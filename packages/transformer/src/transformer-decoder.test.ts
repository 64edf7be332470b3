import { createRng } from "@infinite-former/random";
import { concatRows, disposeTree } from "@infinite-former/tensor";
import { compile } from "@infinite-former/tensorflow";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectSameTree } from "@infinite-former/tooling-vitest/same-tree";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { compareWithRead, sameNumbers } from "../test/compare-with-read.js";
import { livelyModel, numbers, tokens } from "../test/model.js";
import { asItIs, type Compile } from "./compile.js";
import type { InfiniteFormerOptions } from "./config.js";
import { disposeInfiniteFormer } from "./infinite-former.js";
import { read } from "./read.js";
import { initialState, resetRows, type TransformerState } from "./state.js";
import { stickySeeds } from "./sticky-seeds.js";
import { transformerDecoder } from "./transformer-decoder.js";
import type { TransformerModel } from "./transformer-functions.js";
import { createTransformerXl, disposeTransformerXl } from "./transformer-xl.js";

function compare(model: TransformerModel, lengths: readonly number[], count: number, how: Compile): void {
  compareWithRead<TransformerState, TransformerModel>(
    model,
    lengths.map((length, row) => tokens(length + count, 20 + row)),
    count,
    {
      decoder: transformerDecoder(model, how),
      start: () => initialState(model.config, 1),
      expectSameState: (got, want, name) => expectSameTree(got, want, { ...sameNumbers, name }),
    },
  );
}

const cases: [name: string, options: Partial<InfiniteFormerOptions>][] = [
  ["the authors' form", {}],
  [
    "pre-norm, without a gate, tied, with a final norm, sticky",
    {
      norm: "pre",
      finalNorm: true,
      tiedOutput: true,
      activation: "gelu",
      longTerm: { gate: false, sampling: "sticky", stickyBins: 7, affineBias: true },
    },
  ],
  [
    "sticky within bins, wiped after 2 segments",
    { longTerm: { sampling: "sticky", stickyPositions: "within-bin", wipeAfter: 2 } },
  ],
  ["sparsemax, moments", { longTerm: { density: "truncated-parabola", densityFrom: "moments" } }],
  ["sticky sparsemax", { longTerm: { density: "truncated-parabola", sampling: "sticky" } }],
  [
    "rectangles, sticky biweight",
    { longTerm: { basis: "rectangular", density: "biweight", sampling: "sticky" } },
  ],
  ["Fourier functions, mixtures", { longTerm: { basis: "fourier", densityCount: 2 } }],
  [
    "Legendre polynomials, sticky Gibbs",
    { longTerm: { basis: "legendre", density: "gibbs", sampling: "sticky" } },
  ],
  ["B-splines, moments", { longTerm: { basis: "bspline", densityFrom: "moments" } }],
  ["sticky mixtures with biases", { longTerm: { densityCount: 3, affineBias: true, sampling: "sticky" } }],
  ["a short-term memory that is no whole segments", { shortTermLength: 7, headSize: 6 }],
  ["a short-term memory shorter than a segment", { shortTermLength: 3 }],
  ["no short-term memory", { shortTermLength: 0 }],
  [
    "clusters of words, tied, sticky",
    {
      modelSize: 8,
      heads: 2,
      tiedOutput: true,
      adaptive: { cutoffs: [4, 7, 8], divisor: 2 },
      longTerm: { sampling: "sticky" },
    },
  ],
  ["clusters of one width", { adaptive: { cutoffs: [4, 7], divisor: 1 } }],
  ["a long-term segment of its own", { longTerm: { segmentLength: 10 } }],
];

const native = () => tf.getBackend() === "tensorflow";

describe("transformerDecoder", () => {
  it.each(cases)("gives the logits and states of `read` at every position of every row: %s", (_, options) => {
    const model = livelyModel(options);
    // As they are on every backend, and recorded where functions are.
    for (const how of native() ? [asItIs, compile as unknown as Compile] : [asItIs]) {
      compare(model, [0, 3, 5, 21], 18, how);
    }
    disposeInfiniteFormer(model);
  });

  it.each(["post", "pre"] as const)("does so for a Transformer-XL, %s-norm", (norm) => {
    const { longTerm: _, ...body } = livelyModel().config;
    const model = createTransformerXl({ ...body, norm, shortTermLength: 8 }, createRng(3));
    compare(model, [0, 4, 13], 12, native() ? (compile as unknown as Compile) : asItIs);
    disposeTransformerXl(model);
  });

  it.each([true, false])("reads rows of other documents as `forward` does, before a border: %s", (border) => {
    const model = livelyModel({ longTerm: { sampling: "sticky", stickyBins: 7 } });
    const rng = createRng(2);
    const start = initialState(model.config, 3);
    const past = read(
      model,
      start,
      [1, 2, 3].map((seed) => tokens(30, seed)),
      { rng },
    );
    const ended = tf.tensor1d([0, 1, 0]);
    const fresh = resetRows(past.state, ended);
    const more = read(
      model,
      fresh,
      [4, 5, 6].map((seed) => tokens(border ? 5 : 7, seed)),
      { rng },
    );
    const seeds = stickySeeds(rng, 3);
    const decoder = transformerDecoder(model, asItIs);
    const decoding = decoder.start(model, [more.state], seeds);
    let want = more.state;
    for (let i = 0; i < 18; i++) {
      const ids = [i % 11, (2 * i) % 11, (5 * i + 3) % 11];
      const next = read(
        model,
        want,
        ids.map((id) => [id]),
        { rng },
      );
      const logits = decoding.step(ids);
      expectClose(logits.dataSync(), next.logits.dataSync(), { ...sameNumbers, name: `token ${i}` });
      if (want !== more.state) disposeTree(want);
      want = next.state;
      disposeTree([logits, next.logits]);
    }
    const rows = [0, 1, 2].map((row) => decoding.state(row));
    const all = concatRows(rows);
    expectSameTree(all, want, { ...sameNumbers, name: "at the end" });
    decoding.dispose();
    disposeTree([start, past, ended, fresh, more, seeds, want, rows, all]);
    disposeInfiniteFormer(model);
  });

  it("records a step and a border once for all segments, and holds the same tensors after each", ({
    skip,
  }) => {
    if (!native()) skip("functions are recorded on native TensorFlow");
    const model = livelyModel({ longTerm: { sampling: "sticky" } });
    const decoder = transformerDecoder(model, compile as unknown as Compile);
    const [start, seeds] = [initialState(model.config, 2), stickySeeds(createRng(1), 2)];
    const decoding = decoder.start(model, [start], seeds);
    const counts: number[] = [];
    for (let i = 0; i < 300; i++) {
      decoding.step([i % 11, (3 * i) % 11]).dispose();
      if (i % 5 === 3 && i > 10) counts.push(tf.memory().numTensors);
    }
    expect(new Set(counts).size).toBe(1);
    expect(decoder.signatures()).toBe(3); // a step; a border where nothing leaves yet, and one where L rows do
    decoding.dispose();
    decoder.dispose();
    disposeTree([start, seeds]);
    disposeInfiniteFormer(model);
  });

  it("refuses a state of another model and leaves nothing behind", () => {
    const [model, other] = [livelyModel(), livelyModel({ modelSize: 18 })];
    const [state, seeds] = [initialState(other.config, 1, "full"), stickySeeds(createRng(1), 1)];
    const before = tf.memory().numTensors;
    expect(() => transformerDecoder(model, asItIs).start(model, [state], seeds)).toThrow(
      "generate: state.recent.0",
    );
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([state, seeds]);
    disposeInfiniteFormer(model);
    disposeInfiniteFormer(other);
  });

  it("lends its states: what is done to a text later does not show in them", () => {
    const model = livelyModel();
    const [start, seeds] = [initialState(model.config, 1), stickySeeds(createRng(1), 1)];
    const before = tf.memory().numTensors;
    const decoder = transformerDecoder(model, asItIs);
    const decoding = decoder.start(model, [start], seeds);
    for (const id of tokens(12, 4)) decoding.step([id]).dispose();
    const state = decoding.state(0);
    const then = numbers(state);
    for (const id of tokens(30, 5)) decoding.step([id]).dispose();
    expect(numbers(state)).toEqual(then);
    // And a text taken up from a state leaves that state as it was.
    const both = stickySeeds(createRng(1), 2);
    const second = decoder.start(model, [state, state], both);
    for (const id of tokens(30, 6)) second.step([id, id]).dispose();
    expect(numbers(state)).toEqual(then);
    decoding.dispose();
    second.dispose();
    disposeTree([state, both]);
    model.plan.dispose(); // its constants were uploaded on the way
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([start, seeds]);
    disposeInfiniteFormer(model);
  });
});
