import { activateBackend } from "@infinite-former/backend";
import { eager } from "@infinite-former/command-line";
import { createRng } from "@infinite-former/random";
import { tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { probeDistance, probeDistances } from "./distances.js";
import type { RecallModel } from "./recall-model.js";
import { type RecallTextConfig, recallDocument, recallWords } from "./recall-text.js";
import { scoreRecall } from "./score-recall.js";

beforeAll(async () => {
  await activateBackend("cpu");
});

const text: RecallTextConfig = { segmentLength: 6, segments: 80, names: 80, values: 3, fillers: 2 };
const { firstQuestion, firstFact, size } = recallWords(text);
const documents = [1, 2, 3, 4].map((seed) => recallDocument(text, createRng(seed), probeDistance));
const { signal } = new AbortController();

/** Logits by hand: a table of how much each question speaks for each value of its name, the same whenever it is asked. */
function byHand(table: readonly (readonly number[])[]): RecallModel {
  const rows = Array.from({ length: size }, (_, id) => {
    const logits = new Array<number>(size).fill(id === firstFact ? 50 : 9); // louder than all values: not looked at
    const name = id - firstQuestion;
    if (name >= 0 && name < text.names) {
      table[name]!.forEach((logit, value) => {
        logits[firstFact + name * text.values + value] = logit;
      });
    }
    return logits;
  });
  return {
    params: {},
    initialState: () => ({ none: tf.zeros([1]) }),
    resetRows: (state) => state,
    read: (_params, _state, tokens) =>
      tidyTree(() => ({
        logits: tf.gather(tf.tensor2d(rows), tokens) as tf.Tensor as tf.Tensor3D,
        state: { none: tf.zeros([1]) },
        penalty: null,
      })),
    dispose() {},
  };
}

const rng = createRng(7);
const table = Array.from({ length: text.names }, () =>
  Array.from({ length: text.values }, () => 4 * rng.normal()),
);

describe("scoreRecall", () => {
  it("counts right answers and log-probabilities among the values of the name, distance by distance", async () => {
    const before = tf.memory().numTensors;
    const how = { text, rows: 2, compile: eager, signal };
    const scores = await scoreRecall(byHand(table), {}, documents, how);
    expect(tf.memory().numTensors).toBe(before);
    expect(scores?.map(({ distance }) => distance)).toEqual(probeDistances);
    for (const { distance, questions, accuracy, logProbability } of scores ?? []) {
      const own = documents.flatMap((document) =>
        document.questions.filter((question) => question.distance === distance),
      );
      expect(questions).toBe(own.length);
      expect(questions).toBeGreaterThan(5);
      const logs = own.map(({ name, value }) => {
        const row = table[name]!;
        return row[value]! - Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
      });
      const right = own.filter(({ name, value }) => Math.max(...table[name]!) === table[name]![value]);
      expect(accuracy).toBeCloseTo(right.length / own.length, 12);
      expect(logProbability).toBeCloseTo(logs.reduce((sum, log) => sum + log, 0) / own.length, 4);
    }
  });

  it("counts values that are as likely as the right one as wrong", async () => {
    const flat = table.map((row) => row.map(() => 1));
    const scores = await scoreRecall(byHand(flat), {}, documents, { text, rows: 4, compile: eager, signal });
    for (const { accuracy, logProbability } of scores ?? []) {
      expect(accuracy).toBe(0);
      expect(logProbability).toBeCloseTo(-Math.log(3), 5);
    }
  });

  it("gives nothing where it was told to stop, and leaves no tensors", async () => {
    const before = tf.memory().numTensors;
    const how = { text, rows: 4, compile: eager, signal: AbortSignal.abort() };
    expect(await scoreRecall(byHand(table), {}, documents, how)).toBeNull();
    expect(tf.memory().numTensors).toBe(before);
  });
});
