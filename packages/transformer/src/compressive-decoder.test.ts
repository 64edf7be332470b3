import { createRng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { compile } from "@infinite-former/tensorflow";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { compareWithRead, sameNumbers } from "../test/compare-with-read.js";
import { smallCompressive } from "../test/compressive-model.js";
import { tokens } from "../test/model.js";
import { asItIs, type Compile } from "./compile.js";
import type { CompressiveTransformerOptions } from "./compressive-config.js";
import { compressiveDecoder } from "./compressive-decoder.js";
import type { CompressiveState } from "./compressive-state.js";
import { initialCompressiveState } from "./compressive-state.js";
import { type CompressiveTransformer, disposeCompressiveTransformer } from "./compressive-transformer.js";
import { generateBatch } from "./generate.js";
import { createGenerator } from "./generator.js";
import { read } from "./read.js";
import { stickySeeds } from "./sticky-seeds.js";

/** What counts of a state: a decoder gives compressed memories their full size. */
function counted(state: CompressiveState): Record<string, number[]> {
  return tf.tidy(() => {
    const last = (rows: tf.Tensor3D, filled: tf.Tensor1D): number[] => {
      const count = Math.min(rows.shape[1], filled.dataSync()[0] as number);
      return Array.from(tf.slice(rows, [0, rows.shape[1] - count, 0]).dataSync());
    };
    return {
      filled: Array.from(state.filled.dataSync()),
      compressedFilled: state.compressed
        .flatMap(({ filled }) => Array.from(filled.dataSync()))
        .filter(Boolean),
      compressed: state.compressed.flatMap(({ rows, filled }) => last(rows, filled)),
      recent: state.recent.flatMap((rows) => last(rows, state.filled)),
      current: state.current.flatMap((rows) => Array.from(rows.dataSync())),
    };
  });
}

function expectSameState(got: CompressiveState, want: CompressiveState, name: string): void {
  const wanted = counted(want);
  for (const [part, values] of Object.entries(counted(got))) {
    expectClose(values, wanted[part] as number[], { ...sameNumbers, name: `${name}, ${part}` });
  }
}

function compare(
  model: CompressiveTransformer,
  lengths: readonly number[],
  count: number,
  how: Compile,
): void {
  compareWithRead<CompressiveState, CompressiveTransformer>(
    model,
    lengths.map((length, row) => tokens(length + count, 20 + row)),
    count,
    {
      decoder: compressiveDecoder(model, how),
      start: () => initialCompressiveState(model.config, 1),
      expectSameState,
    },
  );
}

const cases: [name: string, options: Partial<CompressiveTransformerOptions>][] = [
  ["rows that leave are no multiple of the ratio", {}],
  ["moving positions, gated residuals", { positionTable: "moving", residual: "gru" }],
  ["enhanced recurrence", { layers: 3, enhancedRecurrence: true, activation: "relu" }],
  ["memories in some layers", { layers: 3, memoryLayers: [0, 2], remainder: "reference" }],
  ["a short-term memory shorter than a segment", { shortTermLength: 3 }],
  ["no short-term memory", { shortTermLength: 0 }],
  ["nothing compressed", { compressedLength: 0 }],
  ["a tied output", { tiedOutput: true }],
  ["clusters of words", { modelSize: 8, adaptive: { cutoffs: [4, 7, 8], divisor: 2 } }],
  ["clusters of one width, tied", { tiedOutput: true, adaptive: { cutoffs: [4, 7], divisor: 1 } }],
  ["no memory at all", { shortTermLength: 0, compressedLength: 0 }],
];

const native = () => tf.getBackend() === "tensorflow";
const recorded = () => (native() ? (compile as unknown as Compile) : asItIs);

describe("compressiveDecoder", () => {
  it.each(cases)("gives the logits and states of `read` at every position of every row: %s", (_, options) => {
    const model = smallCompressive(options);
    const before = tf.memory().numTensors;
    compare(model, [0, 3, 5, 21], 12, recorded());
    expect(tf.memory().numTensors).toBe(before);
    disposeCompressiveTransformer(model);
  });

  it("goes on from its own states, of other parameters than the decoder was made with", () => {
    const [made, model] = [smallCompressive(), smallCompressive({}, 4)];
    const rng = createRng(2);
    const [text, start] = [tokens(40, 3), initialCompressiveState(model.config, 1)];
    const decoder = compressiveDecoder(made, asItIs);
    const seeds = stickySeeds(rng, 1);
    let state = start;
    text.forEach((_, i) => {
      if (i % 5 !== 0) return; // at and within borders of segments of 5
      const decoding = decoder.start(model, [state], seeds);
      const ids = text.slice(i, i + 5);
      for (const id of ids) decoding.step([id]).dispose();
      if (state !== start) disposeTree(state);
      state = decoding.state(0);
      decoding.dispose();
    });
    const want = read(model, start, [text], { rng });
    expectSameState(state, want.state, "at the end");
    disposeTree([start, state, seeds, want]);
    for (const one of [made, model]) disposeCompressiveTransformer(one);
  });

  it("records a step and two borders for all segments, and holds the same tensors after each", ({ skip }) => {
    if (!native()) skip("functions are recorded on native TensorFlow");
    const model = smallCompressive();
    const decoder = compressiveDecoder(model, compile as unknown as Compile);
    const [start, seeds] = [initialCompressiveState(model.config, 2), stickySeeds(createRng(1), 2)];
    const decoding = decoder.start(model, [start], seeds);
    const counts: number[] = [];
    for (let i = 0; i < 60; i++) {
      decoding.step([i % 11, (3 * i) % 11]).dispose();
      if (i % 5 === 3 && i > 10) counts.push(tf.memory().numTensors);
    }
    expect(new Set(counts).size).toBe(1);
    expect(decoder.signatures()).toBe(3); // a step; a border that a state came with, and one after a segment
    decoding.dispose();
    decoder.dispose();
    disposeTree([start, seeds]);
    disposeCompressiveTransformer(model);
  });

  it("writes greedily in a generator what single forward passes write, for texts of any lengths", async () => {
    const model = smallCompressive();
    const plain = { ...model, functions: { ...model.functions } };
    delete plain.functions.decoder;
    const given = {
      prompts: [tokens(13, 7), tokens(3, 8)],
      maxTokens: 20,
      temperature: 0,
      rng: createRng(1),
    };
    const texts = async (own: CompressiveTransformer): Promise<(number | null)[][]> => {
      const ids: (number | null)[][] = [];
      for await (const next of generateBatch(own, given)) ids.push([...next]);
      return ids;
    };
    expect(await texts(model)).toEqual(await texts(plain));
    const generator = createGenerator<CompressiveState, CompressiveTransformer>(model, {
      compile: recorded(),
    });
    const ids: (number | null)[][] = [];
    for await (const next of generator.generateBatch(given)) ids.push([...next]);
    expect(ids).toEqual(await texts(plain));
    generator.dispose();
    disposeCompressiveTransformer(model);
  });
});
