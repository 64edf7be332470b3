import { createRng, uniforms } from "@infinite-former/random";
import { evaluateSignal, matrix } from "@infinite-former/signal";
import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, it } from "vitest";
import { coefficientsOf, config, empty, float32, model, oracle, random, rowOf } from "../test/oracle.js";
import { absorb, createMemoryPlan, evaluate, resetRows } from "./index.js";

const plan = createMemoryPlan(config);
afterAll(() => plan.dispose());
const { basis } = plan;
const rng = createRng(35);

describe("resetRows", () => {
  it("empties the rows that ended and keeps the others bit for bit; these start with a first fit", () => {
    tf.tidy(() => {
      const [one, two] = [random([2, 10, model]), random([2, 10, model])];
      const past = absorb(plan, empty(2), one);
      const reset = resetRows(past, tf.tensor1d([0, 1]));
      expect(coefficientsOf(reset, 0)).toEqual(coefficientsOf(past, 0));
      expect(Array.from(reset.segments.dataSync())).toEqual([1, 0]);
      const next = absorb(plan, reset, two);
      expectClose(coefficientsOf(next, 0), oracle([rowOf(one, 0), rowOf(two, 0)]).data, float32);
      expectClose(coefficientsOf(next, 1), oracle([rowOf(two, 1)]).data, float32);
    });
  });

  it("refuses another batch size and leaves no tensors behind", () => {
    const [memory, ended, wrong] = [empty(2), tf.tensor1d([1, 0]), tf.tensor1d([1, 0, 0])];
    const before = tf.memory().numTensors;
    disposeTree(resetRows(memory, ended));
    expect(() => resetRows(memory, wrong)).toThrow("resetRows: ended must have shape [batch = 2], got [3]");
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([memory, ended, wrong]);
  });
});

describe("evaluate", () => {
  it("equals the signal in float64", () => {
    tf.tidy(() => {
      const memory = absorb(plan, empty(2), random([2, 10, model]));
      const positions = [-0.2, 0, 0.13, 0.5, 1, 1.1];
      const got = evaluate(plan, memory, positions);
      expect(got.shape).toEqual([2, 6, model]);
      for (const b of [0, 1]) {
        const row = matrix(config.basisCount, model, Float64Array.from(coefficientsOf(memory, b)));
        expectClose(tf.slice(got, b, 1).dataSync(), evaluateSignal(basis, row, positions).data, float32);
      }
    });
  });

  it("is differentiable in the coefficients", () => {
    expectGradients(
      (coefficients) => evaluate(plan, { coefficients, segments: tf.ones([2]) }, [0.1, 0.7]),
      [{ shape: [2, 16, 2], values: uniforms(rng, 64, -1, 1) }],
    );
  });
});
