import { disposeTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallModel, tokens } from "../test/model.js";
import { forward } from "./forward.js";
import { disposeInfiniteFormer, type InfiniteFormer } from "./infinite-former.js";
import { read } from "./read.js";
import { initialState, type TransformerState } from "./state.js";

let model: InfiniteFormer;
let state: TransformerState;
beforeAll(() => {
  model = smallModel(); // 2 layers of 12, segments of 5, 8 functions
  const start = initialState(model.config, 2);
  const out = read(model, start, [tokens(22, 1), tokens(22, 2)]);
  state = out.state;
  disposeTree([start, out.logits]);
});
afterAll(() => {
  disposeTree(state);
  disposeInfiniteFormer(model);
});

describe("a state of another model", () => {
  const cases: [message: string, change: (own: TransformerState) => TransformerState][] = [
    ["state.recent must hold 2 layers or none, got 1", (own) => ({ ...own, recent: own.recent.slice(1) })],
    [
      "state.recent.1 must have shape [batch = 2, rows = 10, model = 12], got [2, 10, 14]",
      (own) => ({ ...own, recent: [own.recent[0] as tf.Tensor3D, tf.zeros([2, 10, 14])] }),
    ],
    [
      "state.current.0 must have shape [batch = 2, rows = 1 … 4, model = 12], got [3, 2, 12]",
      (own) => ({ ...own, current: [tf.zeros([3, 2, 12]), tf.zeros([3, 2, 12])] }),
    ],
    [
      "state.longTerm.1.coefficients must be float32, got int32",
      (own) => ({
        ...own,
        longTerm: own.longTerm.map((memory, layer) =>
          layer === 0 ? memory : { ...memory, coefficients: tf.cast(memory.coefficients, "int32") },
        ),
      }),
    ],
    [
      "state.longTerm.0.segments must have shape [batch = 2], got [1]",
      (own) => ({ ...own, longTerm: own.longTerm.map((memory) => ({ ...memory, segments: tf.ones([1]) })) }),
    ],
    ["state.longTerm must hold 2 memories", (own) => ({ ...own, longTerm: [] })],
    [
      "state.longTerm.0.coefficients must have shape",
      (own) => ({
        ...own,
        longTerm: own.longTerm.map((memory) => ({ ...memory, coefficients: tf.zeros([2, 10, 12]) })),
      }),
    ],
    [
      "state.longTerm.0.attended must be left out where sampling is uniform",
      (own) => ({
        ...own,
        longTerm: own.longTerm.map((memory) => ({ ...memory, attended: tf.zeros([2, 128]) })),
      }),
    ],
    [
      "state.filled must have shape [batch], got [2, 1]",
      (own) => ({ ...own, filled: tf.zeros([2, 1]) as unknown as tf.Tensor1D }),
    ],
  ];

  it.each(cases)("is refused: %s", (message, change) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const next = tf.tensor2d([[1], [2]], [2, 1], "int32");
      expect(() => forward(model, change(state), next)).toThrow(message);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it("is accepted unchanged", () => {
    tf.tidy(() => {
      const next = tf.tensor2d([[1], [2]], [2, 1], "int32");
      expect(forward(model, state, next).logits?.shape).toEqual([2, 1, 11]);
    });
  });
});
