import { expectClose } from "@infinite-former/tooling-vitest/close";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { withoutNative } from "../test/support/native.js";
import { registerUpstreamGradients } from "../test/upstream-gradients.js";
import { compile } from "./compile.js";
import { CompileError } from "./compile-error.js";
import { loadTensorflow } from "./load.js";
import type { GraphBackend, GraphBinding } from "./native-backend.js";

const handles = (): number =>
  (tf.backend() as unknown as { getNumOfTFTensors(): number }).getNumOfTFTensors();

beforeAll(async () => {
  if (withoutNative) return;
  registerUpstreamGradients();
  await loadTensorflow();
  await tf.setBackend("tensorflow");
});
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

type Body = (x: tf.Tensor) => unknown;
const words = { current: undefined as unknown as tf.Tensor };
const variable = { current: undefined as unknown as tf.Variable };

/** The second value, once the first expression has had its effect. */
const after = (_effect: unknown, x: tf.Tensor): tf.Tensor => x;

/** What a graph cannot repeat, and what the error says about it. */
const refused: Readonly<Record<string, readonly [Body, RegExp]>> = {
  dataSync: [(x) => tf.mul(x, x.dataSync()[0] as number), /reads the value .*tf\.where/],
  arraySync: [(x) => tf.mul(x, (x.arraySync() as number[])[0] as number), /reads the value/],
  print: [(x) => after(x.print(), x), /reads the value/],
  "data, whose promise nobody awaits": [(x) => after(x.data(), tf.neg(x)), /reads the value/],
  array: [(x) => after(tf.neg(x).array(), tf.neg(x)), /reads the value/],
  "a condition on data": [
    (x) => ((tf.sum(x).dataSync()[0] as number) > 0 ? x : tf.neg(x)),
    /reads the value/,
  ],
  "an asynchronous function": [async (x) => tf.neg(x), /must be synchronous/],
  "tf.randomUniform": [(x) => tf.add(x, tf.randomUniform([2])), /random numbers in JavaScript .* seed/],
  "tf.randomNormal": [(x) => tf.add(x, tf.randomNormal([2])), /random numbers in JavaScript/],
  "tf.truncatedNormal": [(x) => tf.add(x, tf.truncatedNormal([2])), /random numbers in JavaScript/],
  "tf.dropout": [(x) => tf.dropout(x, 0.5), /random numbers in JavaScript/],
  "tf.multinomial": [(x) => tf.multinomial(x as tf.Tensor1D, 2), /random numbers in JavaScript/],
  "tf.multinomial with a seed": [
    (x) => tf.multinomial(x as tf.Tensor1D, 2, 7),
    /hidden generator; use a stateless/,
  ],
  "Math.random": [(x) => tf.mul(x, Math.random()), /random numbers in JavaScript/],
  "variable.assign": [(x) => after(variable.current.assign(x as never), tf.neg(x)), /assigns a variable/],
  "tf.variable": [(x) => tf.variable(x), /makes a variable/],
  "an optimiser": [
    (x) => tf.train.adam(0.1).minimize(() => tf.sum(tf.mul(x, variable.current)) as tf.Scalar, true),
    /makes a variable/,
  ],
  "tf.keep of what depends on an argument": [(x) => after(tf.keep(tf.neg(x)), x), /keeps .* return it/],
  "a result whose shape depends on values": [(x) => tf.unique(x as tf.Tensor1D).values, /depends on values/],
  "a string tensor": [(x) => after(tf.expandDims(tf.tensor(["a"]), 0), x), /string tensors/],
  "a string tensor from outside": [(x) => after(tf.reshape(words.current, [1]), x), /string tensors/],
  "a number in the result": [(x) => ({ x, count: 3 }), /number 3/],
  "a function in the result": [(x) => ({ x, f: () => 1 }), /result\.f .* got a function/],
  "an error of the function's own": [
    () => {
      throw new Error("mine");
    },
    /^mine$/,
  ],
  "a shape error": [(x) => tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D), /rank|ndims/],
};

describe("compile refuses", () => {
  skipEach(withoutNative);
  for (const [name, [body, message]] of Object.entries(refused)) {
    it(name, () => {
      vi.spyOn(console, "log").mockImplementation(() => {});
      variable.current = tf.variable(tf.tensor([1, 2]));
      const outside = tf.add(tf.tensor([3, 4]), 1);
      words.current = tf.reshape(tf.tensor(["a"]), [1, 1]);
      const x = tf.tensor([1, 2]);
      const before = [tf.memory().numTensors, tf.memory().numDataBuffers];
      const held = handles();
      const compiled = compile((argument: tf.Tensor) => {
        tf.grad((y) => tf.mul(tf.exp(y), outside))(argument);
        return body(argument);
      });
      expect(() => compiled(x)).toThrow(message);
      expect([tf.memory().numTensors, tf.memory().numDataBuffers]).toEqual(before);
      expect(handles()).toBeLessThanOrEqual(held + 1); // x may have been uploaded
      expect(compiled.signatures()).toEqual([]);
      variable.current.assign(tf.tensor([5, 6]));
      expect(variable.current.arraySync()).toEqual([5, 6]);
      expect(Math.random()).toBeLessThan(1);
      variable.current.dispose();
      vi.restoreAllMocks();
    });
  }

  it("arguments that are no trees of numbers, with their path", () => {
    const compiled = compile((_x: unknown) => tf.scalar(1));
    const disposed = tf.scalar(1);
    disposed.dispose();
    for (const [bad, got] of [
      [{ a: [tf.tensor(["s"])] }, "\\.0\\.a\\.0 .* a string tensor"],
      [[disposed], "\\.0\\.0 .* a disposed tensor"],
      [new Float32Array(2), "\\.0 .* a Float32Array"],
      [{ f: Math.cos }, "\\.0\\.f .* a function"],
      [new Map(), "\\.0 .* a Map"],
    ] as const) {
      expect(() => compiled(bad)).toThrow(new RegExp(got));
    }
    compiled.dispose();
  });

  it("a variable beside a copy of it from outside, which would be one graph input", () => {
    const weight = tf.variable(tf.tensor([1, 2]));
    const copy = tf.clone(weight);
    const compiled = compile((x: tf.Tensor) => tf.add(tf.mul(x, weight), copy));
    expect(() => compiled(tf.scalar(1))).toThrow(/variable and a copy/);
    weight.dispose();
  });
});

describe("compile allows", () => {
  skipEach(withoutNative);
  it("seeded numbers, constants read inside, and kept constants", () => {
    let kept: tf.Tensor | undefined;
    const compiled = compile((x: tf.Tensor) => {
      const size = tf.tensor([2, 3]).dataSync()[0] as number;
      kept ??= tf.keep(tf.tensor([10, 20]));
      return tf.addN([tf.mul(x, size), kept, tf.randomUniform([2], 0, 1, "float32", 42)]);
    });
    const noise = tf.randomUniform([2], 0, 1, "float32", 42);
    for (const x of [1, 2, 3]) {
      const want = tf.add(tf.tensor([10, 20]), tf.add(2 * x, noise));
      expectClose(compiled(tf.tensor([x, x])).dataSync(), want.dataSync(), { rel: 1e-6 });
    }
    compiled.dispose();
    kept?.dispose();
  });
});

describe("compile, while it records", () => {
  skipEach(withoutNative);
  it("computes nothing, but what is kept of constants and captured tensors", () => {
    const outside = tf.add(tf.tensor([1, 2]), 0);
    const [argument, bad] = [tf.tensor([1, 5]), tf.tensor([7], [1], "int32")];
    let kept: tf.Tensor[] | undefined;
    const compiled = compile((x: tf.Tensor) => {
      kept ??= [tf.exp(tf.tensor([0, 1])), tf.mul(outside, 2)].map((y) => tf.keep(y));
      kept.push(tf.keep(tf.clone(kept[1] as tf.Tensor)));
      return tf.sum(tf.matMul(tf.outerProduct(x as tf.Tensor1D, x as tf.Tensor1D), tf.ones([2, 70_000])));
    });
    const backend = tf.backend() as unknown as GraphBackend;
    const { binding } = backend;
    const executed: string[] = [];
    const executeOp: GraphBinding["executeOp"] = (op, ...rest) => {
      executed.push(op);
      return binding.executeOp(op, ...rest);
    };
    backend.binding = Object.create(binding, { executeOp: { value: executeOp, configurable: true } });
    const result = compiled(argument);
    backend.binding = binding;
    expect(new Set(executed)).toEqual(new Set(["Identity"])); // handles of our own
    expect(result.dataSync()[0]).toBe(36 * 70_000);
    expectClose(kept?.[0]?.dataSync() as Float32Array, [1, Math.E], { rel: 1e-6 });
    expect(kept?.slice(1).map((y) => y.arraySync())).toEqual([
      [2, 4],
      [2, 4],
    ]);
    const failing = compile((x: tf.Tensor) => tf.gather(x, tf.cast(tf.add(bad, 0), "int32") as tf.Tensor1D));
    expect(() => failing(argument)).toThrow(/operation GatherV2_\d+, called .*compile-refusals\.test/);
    tf.dispose(kept as tf.Tensor[]);
    compiled.dispose();
    failing.dispose();
  });
});

describe("compile, when TensorFlow fails", () => {
  skipEach(withoutNative);
  it("names the operation and the caller's line where a value is wrong at a later call", () => {
    const compiled = compile(function lookUp(table: tf.Tensor, at: tf.Tensor) {
      return tf.tidy(() => tf.gather(table, at as tf.Tensor1D));
    });
    const table = tf.ones([5, 2]);
    const before = handles();
    compiled(table, tf.tensor([1, 4], [2], "int32"));
    const tensors = tf.memory().numTensors;
    let error: unknown;
    const bad = tf.tensor([1, 9], [2], "int32");
    try {
      compiled(table, bad);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(CompileError);
    const { message, code, cause } = error as CompileError;
    expect(message).toMatch(/^lookUp: .* operation GatherV2_\d+, called .*compile-refusals\.test\.ts:\d+/);
    expect(message).toMatch(/not in \[0, 5\)/);
    expect([code, cause instanceof Error]).toEqual(["ERR_COMPILE", true]);
    expect(tf.memory().numTensors).toBe(tensors + 1);
    expect(handles()).toBeLessThan(before + 6);
    expect(compiled(table, tf.tensor([0, 0], [2], "int32")).shape).toEqual([2, 2]);
    compiled.dispose();
  });

  it("has a code for lack of memory, and goes on afterwards", () => {
    const compiled = compile((x: tf.Tensor) => tf.sum(tf.tile(x, [2_000_000, 1_000_000])));
    const x = tf.ones([1, 1]);
    const before = [tf.memory().numTensors, handles()];
    expect(() => compiled(x)).toThrow(expect.objectContaining({ code: "ERR_OUT_OF_MEMORY" }));
    expect([tf.memory().numTensors, handles() - 1]).toEqual(before);
    expect(tf.sum(x).dataSync()[0]).toBe(1);
  });
});
