import type { CompressedMemory } from "@infinite-former/memory";
import { createRng } from "@infinite-former/random";
import { disposeTree, leaves, tidyTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { type GradientError, valueAndGrad } from "@infinite-former/training";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { feed, segmentLength, smallCompressive, stateNumbers } from "../test/compressive-model.js";
import { tokens } from "../test/model.js";
import { compressivePresets } from "./compressive-presets.js";
import type { CompressiveState } from "./compressive-state.js";
import { initialCompressiveState, resetCompressiveRows } from "./compressive-state.js";
import type { CompressiveTransformer } from "./compressive-transformer.js";
import { compressiveTransformer, disposeCompressiveTransformer } from "./compressive-transformer.js";
import { dropoutSeeds } from "./dropout-seeds.js";
import { generate } from "./generate.js";
import { read } from "./read.js";

/** Sums of some dozen float32 products in another order. */
const close = { abs: 2e-5, rel: 2e-5 };
const segments = 6;
const whole = Array<number>(segments).fill(segmentLength);
const length = segments * segmentLength;
const rows = [tokens(length, 1), tokens(length, 2)];

const { reference } = compressivePresets;
const variants = [
  ["rows that leave are no multiple of the ratio", {}],
  ["all that the reference does otherwise", reference],
  [
    "gates, memories of the layer above, a short memory",
    { residual: "gru", enhancedRecurrence: true, shortTermLength: 3 },
  ],
  [
    "memories in some layers, which roll, with the quirks",
    { layers: 3, memoryLayers: [0, 2], ...reference, residual: "add" },
  ],
  ["no short-term memory", { shortTermLength: 0 }],
  ["no compressed memory", { compressedLength: 0 }],
  ["segments of one token", { segmentLength: 1, shortTermLength: 2, compressionRatio: 1 }],
] as const;

describe.each(variants)("compressiveTransformer with %s", (_, options) => {
  let model: CompressiveTransformer;
  beforeAll(() => {
    model = smallCompressive(options);
  });
  afterAll(() => disposeCompressiveTransformer(model));
  const empty = (batch: number, room?: "growing" | "full") =>
    initialCompressiveState(model.config, batch, room);
  const pieces = () => (model.config.segmentLength === 1 ? Array<number>(length).fill(1) : whole);

  it("gives the same numbers by segments, in pieces, and a token at a time", () => {
    const bySegment = feed(model, rows, pieces(), empty(2));
    const cuts = model.config.segmentLength === 1 ? [] : [[2, 3, 5, 1, 4, 4, 1, 3, 2, 5]];
    for (const sizes of [...cuts, Array<number>(length).fill(1)]) {
      const inPieces = feed(model, rows, sizes, empty(2));
      for (const [b, want] of bySegment.logits.entries())
        expectClose(inPieces.logits[b] as number[], want, close);
      const sum = (losses: number[]): number => losses.reduce((a, b) => a + b, 0);
      expectClose([sum(inPieces.losses)], [sum(bySegment.losses)], close);
      const want = stateNumbers(bySegment.state);
      const got = stateNumbers(inPieces.state);
      expect(Object.keys(got)).toEqual(Object.keys(want));
      for (const [name, numbers] of Object.entries(got)) {
        expectClose(numbers, want[name] as number[], { ...close, name });
      }
      disposeTree(inPieces.state);
    }
    disposeTree(bySegment.state);
  });

  it("gives the same with memories that grow and with memories of full size", () => {
    const growing = feed(model, rows, pieces(), empty(2, "growing"));
    const full = feed(model, rows, pieces(), empty(2, "full"));
    for (const [b, want] of growing.logits.entries()) expectClose(full.logits[b] as number[], want, close);
    expectClose(full.losses, growing.losses, close);
    disposeTree(growing.state);
    disposeTree(full.state);
  });

  it("keeps the shapes of a state of full size, segment by segment", () => {
    const start = empty(2, "full");
    const shapes = (tree: object) =>
      Object.entries(tree).flatMap(([, part]) =>
        JSON.stringify(part, (__, x) => (x instanceof tf.Tensor ? x.shape : x)),
      );
    const want = shapes(start);
    const { state } = feed(model, rows, [pieces()[0] as number], start);
    expect(shapes(state)).toEqual(want);
    disposeTree(state);
  });

  it("keeps batch rows apart, their losses too", () => {
    const both = feed(model, rows, pieces(), empty(2));
    const alone = rows.map((row) => feed(model, [row], pieces(), empty(1)));
    for (const [b, { logits }] of alone.entries())
      expectClose(both.logits[b] as number[], logits[0] as number[], close);
    const mean = both.losses.map((__, i) =>
      alone.reduce((sum, { losses }) => sum + (losses[i] as number) / 2, 0),
    );
    expectClose(both.losses, mean, close);
    for (const { state } of [both, ...alone]) disposeTree(state);
  });

  it("starts a row afresh without touching the other", () => {
    for (const room of ["growing", "full"] as const) {
      const first = feed(model, rows, pieces(), empty(2, room));
      const reset = tidyTree(() => resetCompressiveRows(first.state, tf.tensor1d([0, 1])));
      disposeTree(first.state);
      const more = [tokens(length, 3), tokens(length, 4)];
      const after = feed(model, more, pieces(), reset);
      const continued = [...(rows[0] as number[]), ...(more[0] as number[])];
      const kept = feed(model, [continued], [...pieces(), ...pieces()], empty(1));
      const fresh = feed(model, [more[1] as number[]], pieces(), empty(1));
      expectClose(after.logits[0] as number[], (kept.logits[0] as number[]).slice(length * 11), close);
      expectClose(after.logits[1] as number[], fresh.logits[0] as number[], close);
      for (const { state } of [after, kept, fresh]) disposeTree(state);
    }
  });

  it("reads and writes as every language model does", async () => {
    const { state } = feed(model, [rows[0] as number[]], pieces(), empty(1));
    const text = rows[0] as number[];
    const readAll = read(model, empty(1), [text]);
    const got = stateNumbers(readAll.state);
    for (const [name, want] of Object.entries(stateNumbers(state))) {
      expectClose(got[name] as number[], want, { ...close, name });
    }
    disposeTree([state, readAll]);
    const before = tf.memory().numTensors;
    const written: number[] = [];
    const options = { prompt: text.slice(0, 8), maxTokens: 9, rng: createRng(4) };
    for await (const token of generate(model, options)) written.push(token);
    expect(written).toHaveLength(9);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("leaves no tensors behind but what it gives", () => {
    const before = tf.memory().numTensors;
    const { state } = feed(model, rows, pieces(), empty(2));
    disposeTree(state);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("compressiveTransformer", () => {
  let model: CompressiveTransformer;
  beforeAll(() => {
    model = smallCompressive({ dropout: 0.3 });
  });
  afterAll(() => disposeCompressiveTransformer(model));

  it("uses the compressed memory: a change beyond the short-term memory changes the logits", () => {
    const single = smallCompressive({ layers: 1 });
    const changed = [...(rows[0] as number[])];
    // One layer and 7 rows of short-term memory: token 9 lies 16 to 20 before the last segment.
    changed[9] = ((changed[9] as number) + 1) % 11;
    const [a, b] = [rows[0] as number[], changed].map((row) => {
      const { logits, state } = feed(single, [row], whole, initialCompressiveState(single.config, 1));
      disposeTree(state);
      return (logits[0] as number[]).slice(-segmentLength * 11);
    }) as [number[], number[]];
    expect(Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))))).toBeGreaterThan(1e-3);
    disposeCompressiveTransformer(single);
  });

  it("trains the compression by the auxiliary loss of its own segment alone, and nothing else by it", () => {
    const { state } = feed(model, rows, whole, initialCompressiveState(model.config, 2, "full"));
    const next = tf.tensor2d(
      rows.map((row) => row.slice(0, segmentLength)),
      [2, segmentLength],
      "int32",
    );
    const unreached = (
      pick: (out: ReturnType<typeof compressiveTransformer>) => tf.Scalar,
    ): readonly string[] => {
      try {
        const { gradients } = valueAndGrad((params: CompressiveTransformer["params"]) => {
          const now = { ...model, params };
          const first = compressiveTransformer(now, state, next);
          return { loss: pick(compressiveTransformer(now, first.state, next, { auxiliary: true })), aux: {} };
        })(model.params);
        disposeTree(gradients);
        return [];
      } catch (error) {
        return (error as GradientError).paths;
      }
    };
    const main = ({ logits }: { readonly logits: tf.Tensor | null }): tf.Scalar =>
      tf.sum(tf.square(logits as tf.Tensor));
    const paths = leaves(model.params).map(({ path }) => path);
    const ofCompression = paths.filter((path) => path.includes("compression"));
    expect(ofCompression).toHaveLength(4);
    expect(unreached(main)).toEqual(ofCompression);
    expect(unreached(({ auxiliaryLoss }) => auxiliaryLoss as tf.Scalar)).toEqual(
      paths.filter((path) => !ofCompression.includes(path)),
    );
    expect(unreached((out) => tf.add(main(out), out.auxiliaryLoss as tf.Scalar))).toEqual([]);
    disposeTree([state, next]);
  });

  it("drops by seed: the same seed gives the same logits, another others, none those of evaluation", () => {
    const run = (seed: number | null): number[] =>
      tf.tidy(() => {
        const piece = tf.tensor2d([tokens(5, 6)], [1, 5], "int32");
        const seeds = seed === null ? {} : { seeds: dropoutSeeds(0.3, tf.tensor1d([1, seed], "int32")) };
        const { logits } = compressiveTransformer(
          model,
          initialCompressiveState(model.config, 1),
          piece,
          seeds,
        );
        return [...(logits as tf.Tensor3D).dataSync()];
      });
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
    expect(run(7)).not.toEqual(run(null));
  });

  it("gives logits of all positions, the last or none, and a loss where asked for", () => {
    tf.tidy(() => {
      const state = initialCompressiveState(model.config, 1);
      const piece = tf.tensor2d([tokens(4, 6)], [1, 4], "int32");
      const all = compressiveTransformer(model, state, piece);
      const last = compressiveTransformer(model, state, piece, { logits: "last", auxiliary: true });
      expect(all.logits?.shape).toEqual([1, 4, 11]);
      expect(all.auxiliaryLoss).toBeNull();
      expectClose(last.logits?.dataSync() ?? [], (all.logits as tf.Tensor3D).dataSync().slice(-11), close);
      expect(last.auxiliaryLoss?.dataSync()[0]).toBe(0);
      expect(compressiveTransformer(model, state, piece, { logits: "none" }).logits).toBeNull();
    });
  });

  it("refuses the state of another model and names the tensor", () => {
    const empty = initialCompressiveState(model.config, 2, "full");
    const { state } = feed(model, rows, [segmentLength, segmentLength, 2], empty);
    const piece = tf.zeros<tf.Rank.R2>([2, 1], "int32");
    const [wide, narrow] = [tf.zeros<tf.Rank.R3>([2, 7, 8]), tf.zeros<tf.Rank.R3>([2, 6, 6])];
    const long = tf.zeros<tf.Rank.R3>([2, 5, 6]);
    const [first, second] = state.compressed as [CompressedMemory, CompressedMemory];
    const [recent, other] = state.recent as [tf.Tensor3D, tf.Tensor3D];
    const before = tf.memory().numTensors;
    for (const [wrong, message] of [
      [
        { recent: [wide, wide] },
        "state.recent.0 must have shape [batch = 2, rows = 1 … 7, model = 6], got [2, 7, 8]",
      ],
      [
        { recent: [recent, narrow] },
        "state.recent.1 must have shape [batch = 2, rows = 7, model = 6], got [2, 6, 6]",
      ],
      [{ recent: [recent] }, "state.recent must hold 2 layers or none, got 1"],
      [
        { current: [long, long] },
        "state.current.0 must have shape [batch = 2, rows = 1 … 4, model = 6], got [2, 5, 6]",
      ],
      [
        { compressed: [{ ...first, rows: long }, second] },
        "state.compressed.0 must have shape [batch = 2, rows = 1 … 4, model = 6], got [2, 5, 6]",
      ],
      [
        { compressed: [first, { ...second, filled: other }] },
        "state.compressed.1.filled must have shape [batch = 2], got [2, 7, 6]",
      ],
    ] as const) {
      const mixed = { ...state, ...wrong } as unknown as CompressiveState;
      expect(() => compressiveTransformer(model, mixed, piece)).toThrow(`compressiveForward: ${message}`);
    }
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([state, piece, wide, narrow, long]);
  });

  it("refuses tokens that cross a border, other batches, and a reset within a segment", () => {
    const state = initialCompressiveState(model.config, 1);
    const six = tf.zeros<tf.Rank.R2>([1, 6], "int32");
    const two = tf.zeros<tf.Rank.R2>([2, 1], "int32");
    const ended = tf.ones<tf.Rank.R1>([1]);
    const within = feed(model, [[1, 2]], [2], initialCompressiveState(model.config, 1));
    const before = tf.memory().numTensors;
    expect(() => compressiveTransformer(model, state, six)).toThrow(
      "compressiveForward: tokens must be 1 to 5 a row (segments of 5, 0 read), got 6; use `read` for longer texts",
    );
    expect(() => compressiveTransformer(model, state, two)).toThrow(
      "must have 1 rows as the state has, got 2",
    );
    expect(() => resetCompressiveRows(within.state, ended)).toThrow("got 2 rows of an unfinished one");
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([state, six, two, ended, within.state]);
  });
});
