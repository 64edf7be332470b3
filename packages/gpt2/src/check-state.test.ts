import { disposeTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchOf, feed, smallGpt2, smallMemory, tokens } from "../test/model.js";
import { checkState } from "./check-state.js";
import { disposeGpt2, type Gpt2 } from "./gpt2.js";
import { gpt2 } from "./model.js";
import { type Gpt2State, initialState } from "./state.js";

let model: Gpt2;
let state: Gpt2State;
beforeAll(() => {
  model = smallGpt2(smallMemory); // 2 layers of 12, 3 heads, segments of 5, 8 functions
  ({ state } = feed(model, [tokens(12, 1), tokens(12, 2)], [5, 5, 2], initialState(model.config, 2)));
});
afterAll(() => {
  disposeTree(state);
  disposeGpt2(model);
});

const memories = (own: Gpt2State, change: object): Gpt2State => ({
  ...own,
  longTerm: own.longTerm.map((memory) => ({ ...memory, ...change })),
});

describe("gpt2 given a state of another model", () => {
  const cases: [message: string, change: (own: Gpt2State) => Gpt2State][] = [
    ["state.cache must hold 2 layers or none, got 1", (own) => ({ ...own, cache: own.cache.slice(1) })],
    [
      "state.cache.1.values must have shape [batch = 2, heads = 3, rows = 2, headSize = 4], got [2, 3, 2, 5]",
      (own) => ({
        ...own,
        cache: own.cache.map((cache, i) => (i === 0 ? cache : { ...cache, values: tf.zeros([2, 3, 2, 5]) })),
      }),
    ],
    [
      "state.previous.0 must have shape [batch = 2, rows = 1 … 5, model = 12], got [2, 5, 14]",
      (own) => ({ ...own, previous: own.previous.map(() => tf.zeros([2, 5, 14])) }),
    ],
    [
      "state.current must hold 2 layers or none, got 3",
      (own) => ({ ...own, current: [...own.current, tf.zeros([2, 2, 12])] }),
    ],
    [
      "state.longTerm must hold 2 memories, one a layer of a GPT-2 that has them, got 0",
      (own) => ({ ...own, longTerm: [] }),
    ],
    [
      "state.longTerm.0.coefficients must have shape [batch = 2, basis = 8, model = 12], got [2, 10, 12]",
      (own) => memories(own, { coefficients: tf.zeros([2, 10, 12]) }),
    ],
    [
      "state.longTerm.0.segments must be float32, got int32",
      (own) => memories(own, { segments: tf.ones([2], "int32") }),
    ],
    [
      "state.longTerm.0.attended must be left out where sampling is uniform",
      (own) => memories(own, { attended: tf.zeros([2, 128]) }),
    ],
    [
      "state.waiting must have shape [batch], got [2, 1]",
      (own) => ({ ...own, waiting: tf.zeros([2, 1]) as unknown as tf.Tensor1D }),
    ],
  ];

  it.each(cases)("refuses it: %s", (message, change) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      expect(() => gpt2(model, change(state), batchOf([[1], [2]]))).toThrow(`gpt2: ${message}`);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses memories where there are none, and takes its own state", () => {
    const plain = smallGpt2();
    const message = "gpt2: state.current must hold 0 layers or none, got 2";
    expect(() => checkState("gpt2", plain.config, state)).toThrow(message);
    expect(() => checkState("gpt2", model.config, state)).not.toThrow();
    disposeGpt2(plain);
  });
});
