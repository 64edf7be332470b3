import { expectClose } from "@infinite-former/tooling-vitest/close";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { InputSpec, KernelCase } from "../test/kernel-cases/case.js";
import { kernelCases, refusedKernels } from "../test/kernel-cases.js";
import { withoutNative } from "../test/support/native.js";
import { registerUpstreamGradients } from "../test/upstream-gradients.js";
import { compile } from "./compile.js";
import { loadTensorflow } from "./load.js";

const used = new Set<string>();
let restore = (): void => {};

beforeAll(async () => {
  if (withoutNative) return;
  registerUpstreamGradients();
  await loadTensorflow();
  await tf.setBackend("tensorflow");
  const engine = tf.engine();
  const { runKernel } = engine;
  engine.runKernel = (name, inputs, attributes) => {
    used.add(name);
    return runKernel.call(engine, name, inputs, attributes) as never;
  };
  restore = () => {
    engine.runKernel = runKernel;
  };
});
afterAll(() => restore());
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

function input({ shape, dtype = "float32", low = -2, high = 2 }: InputSpec, seed: number): tf.Tensor {
  const size = [...shape];
  if (dtype === "bool") return tf.greater(tf.randomUniform(size, 0, 1, "float32", seed), 0.5);
  const values = tf.randomUniform(size, low, high, "float32", seed);
  return dtype === "int32" ? tf.cast(tf.floor(values), "int32") : values;
}

function asArray(result: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
  return Array.isArray(result) ? result : [result];
}

/** The gradients by some of the inputs, of a sum with unequal weights of everything that comes out. */
function gradients({ run }: KernelCase, by: readonly number[], inputs: tf.Tensor[]): tf.Tensor[] {
  const loss = (...chosen: tf.Tensor[]): tf.Scalar => {
    const all = [...inputs];
    by.forEach((at, i) => {
      all[at] = chosen[i] as tf.Tensor;
    });
    const parts = asArray(run(...all)).map((part) => {
      const weights = tf.reshape(tf.cos(tf.range(0, part.size)), part.shape);
      return tf.sum(tf.mul(part, weights));
    });
    return tf.addN(parts) as tf.Scalar;
  };
  return tf.grads(loss)(by.map((at) => inputs[at] as tf.Tensor));
}

function expectSame(name: string, got: tf.Tensor[], want: tf.Tensor[]): void {
  expect(got.map(({ dtype, shape }) => ({ dtype, shape }))).toEqual(
    want.map(({ dtype, shape }) => ({ dtype, shape })),
  );
  got.forEach((tensor, i) => {
    expectClose(tensor.dataSync(), (want[i] as tf.Tensor).dataSync(), { name, abs: 1e-6, rel: 1e-5 });
  });
}

describe("compile, kernel by kernel", () => {
  skipEach(withoutNative);
  for (const one of kernelCases) {
    it(`repeats ${one.name} on new values`, () => {
      const compiled = compile((...inputs: tf.Tensor[]) => asArray(one.run(...inputs)));
      const by = one.gradient ?? one.inputs.flatMap(({ dtype }, at) => (dtype === undefined ? [at] : []));
      const compiledGradients = compile((...inputs: tf.Tensor[]) => gradients(one, by, inputs));
      for (const seed of [1, 100]) {
        const inputs = one.inputs.map((spec, i) => input(spec, seed + i));
        expectSame(one.name, compiled(...inputs), asArray(one.run(...inputs)));
        if (by.length > 0) {
          expectSame(`${one.name} gradient`, compiledGradients(...inputs), gradients(one, by, inputs));
        }
      }
      compiled.dispose();
      compiledGradients.dispose();
    });
  }

  it("has met every kernel of the backend, or refuses it", () => {
    const all = tf.getKernelsForBackend("tensorflow").map(({ kernelName }) => kernelName);
    expect(all.length).toBeGreaterThan(150);
    // Those of our own stand in native-kernels.test.ts, and are compiled with the models that use them.
    const stock = all.filter((name) => !name.startsWith("InfiniteFormer"));
    expect(stock.filter((name) => !used.has(name)).sort()).toEqual(Object.keys(refusedKernels).sort());
  });
});
