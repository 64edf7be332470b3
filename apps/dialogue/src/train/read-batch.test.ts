import { activateBackend } from "@infinite-former/backend";
import { createGpt2, disposeGpt2, type Gpt2, type Gpt2Options, initialState } from "@infinite-former/gpt2";
import { createRng } from "@infinite-former/random";
import { disposeTree, mapTree, registerGradients } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { responseBatch } from "../data/batch.js";
import type { ResponseSegments } from "../data/segments.js";
import { createAdvance, readPrefix, readResponse } from "./read-batch.js";

const length = 6;
const room = 2;
const body = { vocabularySize: 30, positions: length, layers: 2, modelSize: 8, heads: 2 };
const kinds: readonly (readonly [string, Partial<Gpt2Options>])[] = [
  [
    "with a long-term memory",
    { longTerm: { basisCount: 8, basisWidths: [0.1, 0.2], sampleCount: 8, input: "normed" } },
  ],
  ["with a compressed memory", { compressed: { length: 12, ratio: 2 } }],
];

function row(count: number, seed: number): ResponseSegments {
  const rng = createRng(seed);
  const draw = (size: number): Int32Array => Int32Array.from({ length: size }, () => rng.integer(0, 30));
  const ones = new Float32Array(room + 1).fill(1);
  return {
    count,
    tokens: draw(count * length),
    types: draw(count * length),
    targets: draw(room + 1),
    words: ones,
    weights: ones,
  };
}

/** Logits of a batch's responses, row after row. */
function logitsOf(model: Gpt2, rows: readonly ResponseSegments[]): Float32Array {
  const memory = initialState(model.config, rows.length, "full");
  const batch = responseBatch(rows, "words", memory, { seed: 1, step: 0 });
  const rest = readPrefix(createAdvance(model, false), model.params, batch);
  const logits = tf.tidy(() => readResponse(model, model.params, rest, false).logits);
  const values = logits.dataSync() as Float32Array;
  disposeTree([batch, logits]);
  if (rest.memory !== memory) disposeTree(rest.memory);
  return values;
}

describe.each(kinds)("responses side by side, %s", (_, memory) => {
  beforeAll(async () => {
    await activateBackend("cpu");
    registerGradients();
  });

  it("are read as each alone, however many segments the others have", () => {
    const drawn = createGpt2({ ...body, ...memory }, createRng(3));
    // Larger weights, so that what is remembered matters.
    const larger = mapTree(drawn.params, (tensor) => tf.mul(tensor, tensor.rank > 1 ? 4 : 1));
    disposeTree(drawn.params);
    const model: Gpt2 = { ...drawn, params: larger };
    const rows = [row(3, 1), row(1, 2), row(5, 3), row(2, 4)];
    logitsOf(model, rows); // the constants of a memory are made when they are first needed
    const before = tf.memory().numTensors;
    const together = logitsOf(model, rows);
    expect(tf.memory().numTensors).toBe(before);
    const each = together.length / rows.length;
    rows.forEach((one, index) => {
      const alone = logitsOf(model, [one]);
      const own = together.subarray(index * each, (index + 1) * each);
      expect(Math.max(...alone.map((value, i) => Math.abs(value - (own[i] as number))))).toBeLessThan(1e-5);
    });
    // What lies segments back is read: with another beginning the response's logits differ.
    const [first] = rows as [ResponseSegments];
    const other = { ...first, tokens: first.tokens.map((id, i) => (i < length ? (id + 1) % 30 : id)) };
    const changed = logitsOf(model, [other]);
    expect(Math.max(...changed.map((value, i) => Math.abs(value - (together[i] as number))))).toBeGreaterThan(
      1e-4,
    );
    disposeGpt2(model);
  });
});
