import { readFile } from "node:fs/promises";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleForNode, startNode } from "../test/support/child.js";
import { withoutNative } from "../test/support/native.js";
import { loadTensorflow, nativeBinding } from "./load.js";

const LOAD_AND_MULTIPLY = `
import * as tf from "@tensorflow/tfjs-core";
import { loadTensorflow } from "./load.ts";
await loadTensorflow();
await tf.setBackend("tensorflow");
if (tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync()[0] !== 3) throw new Error("wrong product");
`;

/** Float32 against float32, a few hundred terms a sum. */
const TOLERANCE = { abs: 1e-5, rel: 1e-5 };

// The engine's rules of differentiation live in the union package; two suffice here.
tf.registerGradient({
  kernelName: tf.BatchMatMul,
  inputsToSave: ["a", "b"],
  gradFunc: (dy, saved) => {
    const [a, b] = saved as [tf.Tensor2D, tf.Tensor2D];
    const upstream = dy as tf.Tensor2D;
    return { a: () => tf.matMul(upstream, b, false, true), b: () => tf.matMul(a, upstream, true, false) };
  },
});
tf.registerGradient({
  kernelName: tf.Tanh,
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({ x: () => tf.mul(dy as tf.Tensor, tf.sub(1, tf.square(y as tf.Tensor))) }),
});

/** One function of fresh random tensors on both backends; every element of every result must agree. */
async function expectSameOnBoth(shapes: number[][], fn: (...inputs: tf.Tensor[]) => tf.Tensor[]) {
  const values = shapes.map((shape) =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.random() * 2 - 1),
  );
  const results: Float32Array[][] = [];
  for (const backend of ["tensorflow", "cpu"]) {
    await tf.setBackend(backend);
    const outputs = fn(...shapes.map((shape, i) => tf.tensor(values[i] as Float32Array, shape)));
    results.push(outputs.map((output) => Float32Array.from(output.dataSync())));
  }
  const [native = [], cpu = []] = results;
  expect(native.length).toBe(cpu.length);
  for (const [i, result] of native.entries()) expectClose(result, cpu[i] as Float32Array, TOLERANCE);
}

describe("loadTensorflow", () => {
  skipEach(withoutNative);
  beforeAll(async () => {
    if (withoutNative) return;
    // The cpu backend's first use prints an advertisement.
    (tf.findBackend("cpu") as unknown as { firstUse: boolean }).firstUse = false;
    const report = await loadTensorflow();
    expect(report).toMatchObject({ name: "tensorflow", version: expect.stringMatching(/^2\.\d+\.\d+/) });
  });

  it("gives one result to all who ask and registers upstream's kernels", async () => {
    expect(await loadTensorflow()).toBe(await loadTensorflow());
    expect(tf.getKernelsForBackend("tensorflow").length).toBeGreaterThanOrEqual(150);
  });

  it("multiplies matrices and finds their gradients as the cpu backend does", async () => {
    const shapes = [
      [37, 129],
      [129, 65],
    ];
    await expectSameOnBoth(shapes, (a, b) => {
      const layer = (x: tf.Tensor, y: tf.Tensor) => tf.tanh(tf.matMul(x, y));
      const product = layer(a as tf.Tensor, b as tf.Tensor);
      return [product, ...tf.grads(layer)([a as tf.Tensor, b as tf.Tensor], tf.cos(product))];
    });
  });

  it("agrees with the cpu backend in the kernels that were changed while bundling", async () => {
    await expectSameOnBoth(
      [
        [5, 7],
        [5, 7],
      ],
      (x, alpha) => {
        const whole = tf.cast(tf.mul(x as tf.Tensor, 4), "int32");
        const { values, indices } = tf.topk(x as tf.Tensor, 3);
        const exponential = tf.exp(whole);
        const positive = tf.greater(x as tf.Tensor, 0);
        return [
          tf.prelu(x as tf.Tensor, alpha as tf.Tensor),
          exponential,
          whole, // Exp must not dispose its argument
          tf.argMax(positive, 1),
          tf.argMin(positive, 1),
          values,
          indices,
        ];
      },
    );
  });

  it("frees native tensors with their JavaScript owners", async () => {
    await tf.setBackend("tensorflow");
    const before = nativeBinding().getNumOfTensors();
    const sum = tf.tidy(() => tf.sum(tf.matMul(tf.ones([20, 20]), tf.ones([20, 20]))));
    expect(sum.dataSync()[0]).toBe(8000);
    sum.dispose();
    expect(nativeBinding().getNumOfTensors()).toBe(before);
  });

  it("prints nothing", async () => {
    const child = startNode(await bundleForNode("quiet", LOAD_AND_MULTIPLY), process.env);
    expect(await child.ended).toBe(0);
    expect(child.output).toEqual({ stdout: "", stderr: "" });
  });

  it("leaves a TF_CPP_MIN_LOG_LEVEL of the user's alone", async () => {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "0" };
    const child = startNode(await bundleForNode("loud", LOAD_AND_MULTIPLY), env);
    expect(await child.ended).toBe(0);
    expect(child.output.stderr).toContain("cpu_feature_guard");
  });

  it("uses no function that Node has removed", async () => {
    const bundle = await readFile(new URL("../generated/kernels.js", import.meta.url), "utf8");
    const imported = [...bundle.matchAll(/from "([^"]+)"/g)].map(([, from]) => from);
    expect(new Set(imported)).toEqual(new Set(["@tensorflow/tfjs-core", "os"]));
  });
});

describe("the addon's graph functions", () => {
  skipEach(withoutNative);
  const noGraph = new Uint8Array();

  it("answers every bad call with an error that says what is wrong", () => {
    const binding = nativeBinding();
    const add = binding.addGraphFunction.bind(binding) as (...args: unknown[]) => void;
    expect(() => add()).toThrow(/arguments must be \(name: string/);
    expect(() => add("f", "text", [], [])).toThrow(/arguments must be/);
    expect(() => add("f", noGraph, [1], [])).toThrow(/arguments must be/);
    expect(() => add("f", noGraph, {}, [])).toThrow(/arguments must be/);
    expect(() => add("f", Uint8Array.of(9, 9, 9), [], [])).toThrow(/Invalid GraphDef/);
    expect(() => add("f", noGraph, ["x:0"], [])).toThrow(/the graph has no operation "x"/);
    expect(() => add("f", noGraph, [], ["y"])).toThrow(/the graph has no operation "y"/);
    expect(() => add("f", noGraph, [], ["y:-1"])).toThrow(/"y:-1" must be "name" or "name:index"/);
    expect(() => add("f", noGraph, [], ["y:99999999999999999999"])).toThrow(/must be "name"/);
    expect(() => binding.removeGraphFunction("never added")).toThrow(/non-existent function/);
    expect(() => (binding.removeGraphFunction as (name?: unknown) => void)(3)).toThrow(
      /name must be a string/,
    );
  });

  it("adds a function, calls it by name and removes it", async () => {
    await tf.setBackend("tensorflow");
    const binding = nativeBinding();
    binding.addGraphFunction("one_constant", graphOfOneConstant(), [], ["c:0"]);
    const [output] = binding.executeOp("one_constant", [], [], 1);
    expect([...(binding.tensorDataSync(output?.id ?? -1) as Float32Array)]).toEqual([2.5]);
    binding.deleteTensor(output?.id ?? -1);
    binding.removeGraphFunction("one_constant");
    expect(() => binding.executeOp("one_constant", [], [], 1)).toThrow(/one_constant/);
  });
});

describe("loadTensorflow under INFINITE_FORMER_NATIVE=0", () => {
  it("is refused with the change that allows it", async () => {
    const script = `import { loadTensorflow } from "./load.ts";
      await loadTensorflow().catch((e) => console.log(JSON.stringify([e.code, e.reason, e.remedy])));`;
    const env = { ...process.env, INFINITE_FORMER_NATIVE: "0" };
    const child = startNode(await bundleForNode("off", script), env);
    expect(await child.ended).toBe(0);
    expect(JSON.parse(child.output.stdout)).toEqual([
      "ERR_BACKEND",
      "INFINITE_FORMER_NATIVE=0 switches native TensorFlow off",
      "unset INFINITE_FORMER_NATIVE",
    ]);
  });
});

/** GraphDef{ node { name: "c" op: "Const" attr { dtype: DT_FLOAT, value: 2.5 } } }, written out by hand. */
function graphOfOneConstant(): Uint8Array {
  const field = (tag: number, bytes: readonly number[]) => [tag, bytes.length, ...bytes];
  const text = (value: string) => [...Buffer.from(value)];
  const entry = (key: string, value: readonly number[]) =>
    field(0x2a, [...field(0x0a, text(key)), ...field(0x12, value)]);
  const tensor = [0x08, 1, ...field(0x12, []), 0x2d, ...new Uint8Array(Float32Array.of(2.5).buffer)];
  const node = [
    ...field(0x0a, text("c")),
    ...field(0x12, text("Const")),
    ...entry("dtype", [0x30, 1]),
    ...entry("value", field(0x42, tensor)),
  ];
  return Uint8Array.from(field(0x0a, node));
}
