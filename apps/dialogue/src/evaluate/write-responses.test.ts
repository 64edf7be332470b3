import { activateBackend } from "@infinite-former/backend";
import { eager } from "@infinite-former/command-line";
import { dialogueCoder } from "@infinite-former/datasets";
import { createGpt2, disposeGpt2, type Gpt2, initialState } from "@infinite-former/gpt2";
import { createRng } from "@infinite-former/random";
import { disposeTree, mapTree, registerGradients } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { tinyTokenizer } from "../../../../packages/datasets/test/tiny-tokenizer.js";
import { type ResponseBatch, responseBatch } from "../data/batch.js";
import { type ResponseSegments, responseSegments } from "../data/segments.js";
import { createAdvance, readPrefix, readResponse } from "../train/read-batch.js";
import { createOpening, writeResponses } from "./write-responses.js";

const coder = dialogueCoder(tinyTokenizer());
const { padding, speaker1, speaker2, end } = coder.tokens;
const sizes = { segmentLength: 12, responseTokens: 7, padding, remembers: true };
const spare = 5;

/** A past of so many words, and a response. */
function laid(past: number, response: readonly number[]): ResponseSegments {
  const rng = createRng(past);
  const draw = (count: number): Int32Array => Int32Array.from({ length: count }, () => rng.integer(0, 300));
  return responseSegments(
    {
      conversation: `${past}`,
      turn: 0,
      past: { tokens: draw(past), types: new Int32Array(past).fill(speaker2) },
      response: Int32Array.from(response),
      text: "",
      type: speaker2,
      other: speaker1,
    },
    sizes,
  );
}

describe("writeResponses", () => {
  let model: Gpt2;
  beforeAll(async () => {
    await activateBackend("cpu");
    registerGradients();
    const longTerm = { basisCount: 8, basisWidths: [0.1, 0.2], sampleCount: 8, sampling: "sticky" } as const;
    const body = { positions: 12, layers: 2, modelSize: 8, heads: 2, longTerm };
    const drawn = createGpt2({ ...body, vocabularySize: coder.vocabulary.size + spare }, createRng(3));
    const larger = mapTree(drawn.params, (tensor) => tf.mul(tensor, tensor.rank > 1 ? 4 : 1));
    disposeTree(drawn.params);
    model = { ...drawn, params: larger };
    return () => disposeGpt2(model);
  });

  const read = (rows: readonly ResponseSegments[]): ResponseBatch => {
    const memory = initialState(model.config, rows.length, "full");
    const batch = responseBatch(rows, "words", memory, { seed: 1, step: 0 });
    const rest = readPrefix(createAdvance(model, false), model.params, batch);
    disposeTree([batch.prefix, rest.memory === memory ? [] : memory]);
    return rest;
  };
  const write = async (batch: ResponseBatch, topP: number, seed = 1, known = coder): Promise<number[][]> => {
    const rngs = [3, 9, 31].map((row) => createRng(seed).split(`${row}`));
    const writing = {
      model,
      opening: eager(createOpening(model)),
      coder: known,
      settings: { topP, temperature: 1 },
      responseTokens: sizes.responseTokens,
    };
    return writeResponses(writing, batch, rngs);
  };

  it("takes the likeliest token after the past and what it wrote, where the nucleus is one token", async () => {
    const batch = read([laid(3, []), laid(9, []), laid(31, [])]);
    const before = tf.memory().numTensors;
    const written = await write(batch, 1e-9);
    expect(tf.memory().numTensors).toBe(before);
    disposeTree(batch);
    // What was written, read as a response: each token must be the likeliest after those before it.
    const again = read([3, 9, 31].map((past, row) => laid(past, written[row] ?? [])));
    const logits = tf.tidy(() => readResponse(model, model.params, again, false).logits);
    const values = logits.dataSync();
    disposeTree([again, logits]);
    const [places, size] = [sizes.responseTokens + 1, coder.vocabulary.size + spare];
    const ends = [speaker1, speaker2, end];
    written.forEach((ids, row) => {
      expect(ids.length).toBeGreaterThan(0);
      for (let place = 0; place <= Math.min(ids.length, sizes.responseTokens - 1); place++) {
        const scores = values.subarray((row * places + place) * size, (row * places + place + 1) * size);
        const may = (id: number): boolean =>
          id < coder.vocabulary.size &&
          (!coder.vocabulary.special.some((one) => one.id === id) || (place > 0 && ends.includes(id)));
        const best = [...scores.keys()].filter(may).reduce((a, b) => (scores[b]! > scores[a]! ? b : a));
        const next = ids[place];
        if (next === undefined) expect(ends).toContain(best);
        else expect(best).toBe(next);
      }
    });
  });

  it("draws the same from the same seed, and at most as many tokens as there is room for", async () => {
    const batch = read([laid(3, []), laid(9, []), laid(31, [])]);
    const [first, same, other] = [
      await write(batch, 0.9),
      await write(batch, 0.9),
      await write(batch, 0.9, 2),
    ];
    disposeTree(batch);
    expect(same).toEqual(first);
    expect(other).not.toEqual(first);
    for (const ids of [...first, ...other]) {
      expect(ids.length).toBeGreaterThan(0);
      expect(ids.length).toBeLessThanOrEqual(sizes.responseTokens);
      expect(Math.max(...ids)).toBeLessThan(padding);
    }
  });

  it("never draws an id that the tokenizer leaves out", async () => {
    const { vocabulary } = coder;
    const left = (id: number): boolean => id % 2 === 1 && id < 250;
    const tokens = vocabulary.tokens.map((token, id) => (left(id) ? undefined : token));
    const gaps = { ...coder, vocabulary: { ...vocabulary, tokens } };
    const batch = read([laid(3, []), laid(9, []), laid(31, [])]);
    const [whole, some] = [await write(batch, 1), await write(batch, 1, 1, gaps)];
    disposeTree(batch);
    expect(whole.flat().some(left)).toBe(true);
    expect(some.flat().length).toBeGreaterThan(3);
    expect(some.flat().some(left)).toBe(false);
  });
});
