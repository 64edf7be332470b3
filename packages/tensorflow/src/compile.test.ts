import { skipEach } from "@infinite-former/tooling-vitest/skip";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { withoutNative } from "../test/support/native.js";
import { registerUpstreamGradients } from "../test/upstream-gradients.js";
import { compile } from "./compile.js";
import { loadTensorflow } from "./load.js";

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

const random = (shape: number[], seed: number): tf.Tensor => tf.randomUniform(shape, -1, 1, "float32", seed);

describe("compile", () => {
  skipEach(withoutNative);
  it("records once per structure, shape, dtype and plain value", () => {
    let runs = 0;
    const compiled = compile((x: tf.Tensor, options: { scale: number | null; name?: string }) => {
      runs++;
      return tf.mul(x, options.scale ?? 1);
    });
    const calls: [tf.Tensor, { scale: number | null; name?: string }, number][] = [
      [random([2], 1), { scale: 2 }, 1],
      [random([2], 2), { scale: 2 }, 1],
      [random([2], 3), { scale: 3 }, 2],
      [random([2], 3), { scale: null }, 3],
      [random([2], 3), { scale: 3, name: "a" }, 4],
      [random([3], 3), { scale: 3 }, 5],
      [tf.tensor([1, 2], [2], "int32"), { scale: 3 }, 6],
      [random([1, 2], 1), { scale: 2 }, 7],
      [random([2], 9), { scale: 2 }, 7],
    ];
    for (const [x, options, recordings] of calls) {
      const got = compiled(x, options);
      expect(got.arraySync()).toEqual(tf.mul(x, options.scale ?? 1).arraySync());
      expect(runs).toBe(recordings);
    }
    compiled.dispose();
  });

  it("gives in its first call bit for bit what it gives in later ones", () => {
    // Of a softmax the last digits differ between a graph and eager operations.
    const compiled = compile((x: tf.Tensor2D) => tf.softmax(tf.matMul(x, x, false, true)));
    const x = random([40, 17], 8) as tf.Tensor2D;
    const first = compiled(x).dataSync();
    expect(compiled(x).dataSync()).toEqual(first);
    compiled.dispose();
  });

  it("gives arguments, captured tensors and repeated tensors back as tensors of their own", () => {
    const outside = random([2], 5);
    const compiled = compile((x: tf.Tensor) => {
      const y = tf.exp(x);
      return [x, y, y, outside, tf.scalar(3), tf.reshape(x, [1, 2])];
    });
    for (const seed of [1, 2]) {
      const x = random([2], seed);
      const got = compiled(x);
      expect(new Set([x, outside, ...got]).size).toBe(8);
      const y = tf.exp(x).arraySync();
      expect(got.map((tensor) => tensor.arraySync())).toEqual([
        x.arraySync(),
        y,
        y,
        outside.arraySync(),
        3,
        [x.arraySync()],
      ]);
      tf.dispose(got);
      expect(x.isDisposed || outside.isDisposed).toBe(false);
      x.dispose();
    }
    compiled.dispose();
  });

  it("tells arguments apart that share memory when it records", () => {
    const compiled = compile((a: tf.Tensor, b: tf.Tensor) => tf.sub(a, tf.mul(b, 2)));
    const x = random([2], 1);
    compiled(x, x);
    compiled(x, x.clone());
    const a = random([2], 2);
    const b = random([2], 3);
    expect(compiled(a, b).arraySync()).toEqual(tf.sub(a, tf.mul(b, 2)).arraySync());
    compiled.dispose();
  });

  it("keeps captured tensors alive and reads captured variables anew at each call", () => {
    const shift = tf.tensor([1, 2]);
    const used = tf.add(tf.tensor([5, 5]), 0);
    const weight = tf.variable(tf.tensor([3, 4]));
    const compiled = compile((x: tf.Tensor) =>
      tf.add(tf.mul(tf.reshape(weight, [2]), x), tf.add(shift, used)),
    );
    const x = tf.tensor([1, 10]);
    expect(compiled(x).arraySync()).toEqual([9, 47]);
    tf.dispose([shift, used]);
    weight.assign(tf.tensor([0, 1]));
    expect(compiled(x).arraySync()).toEqual([6, 17]);
    expect(compiled.signatures()[0]?.captures).toBe(3);
    weight.dispose();
    expect(() => compiled(x)).toThrow(/variable .* is disposed/);
    compiled.dispose();
  });

  it("differentiates with respect to captured variables", () => {
    const weight = tf.variable(tf.tensor([2, 3]));
    const compiled = compile((x: tf.Tensor) => {
      const { value, grads } = tf.variableGrads(
        () => tf.sum(tf.mul(tf.square(weight), x)) as tf.Scalar,
        [weight],
      );
      return { value, gradient: grads[weight.name] as tf.Tensor };
    });
    compiled(tf.tensor([0, 0]));
    weight.assign(tf.tensor([5, 7]));
    const { value, gradient } = compiled(tf.tensor([1, 2]));
    expect(value.dataSync()[0]).toBe(25 + 98);
    expect(gradient.arraySync()).toEqual([10, 28]);
    compiled.dispose();
    weight.dispose();
  });

  it("accepts unused arguments, no tensors at all, and variables as arguments", () => {
    const compiled = compile((x: tf.Tensor, _unused: tf.Tensor | null, on: boolean) => ({
      y: on ? tf.neg(x) : x,
      none: undefined,
    }));
    const variable = tf.variable(tf.tensor([1]));
    for (let i = 0; i < 2; i++) {
      expect(compiled(variable, tf.scalar(i), true).y.arraySync()).toEqual([-1]);
      expect(compiled(variable, null, false).y.arraySync()).toEqual([1]);
    }
    expect(Object.keys(compiled(variable, null, false))).toEqual(["y", "none"]);
    const constant = compile(() => [tf.scalar(4)]);
    expect([constant(), constant()].map(([value]) => value?.dataSync()[0])).toEqual([4, 4]);
    const empty = compile(() => []);
    expect([empty(), empty()]).toEqual([[], []]);
    variable.dispose();
    for (const one of [compiled, constant, empty]) one.dispose();
  });

  it("keeps the dtypes float32, int32 and bool, and scalars and empty tensors", () => {
    const fn = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => ({
      a: tf.add(a, tf.cast(b, "float32")),
      b: tf.add(b, 1),
      c: tf.logicalNot(c),
      mixed: tf.where(c, a, tf.zerosLike(a)),
      equal: tf.equal(b, tf.scalar(2, "int32")),
    });
    const compiled = compile(fn);
    for (const shape of [[], [3], [0, 2]]) {
      for (const seed of [1, 2]) {
        const a = random(shape, seed);
        const b = tf.cast(tf.mul(random(shape, seed + 5), 4), "int32");
        const c = tf.greater(random(shape, seed + 9), 0);
        const got = compiled(a, b, c);
        for (const [key, want] of Object.entries(fn(a, b, c))) {
          const value = got[key as keyof typeof got];
          expect([value.dtype, value.shape, value.arraySync()]).toEqual([
            want.dtype,
            want.shape,
            want.arraySync(),
          ]);
        }
      }
    }
    compiled.dispose();
  });

  it("is inlined into another compiled function", () => {
    let inner = 0;
    const square = compile((x: tf.Tensor) => {
      inner++;
      return { y: tf.square(x), x };
    });
    const outer = compile((x: tf.Tensor) => tf.sub(square(x).y, square(x).x));
    for (const x of [2, 3, 4]) expect(outer(tf.scalar(x)).dataSync()[0]).toBe(x * x - x);
    expect(inner).toBe(2);
    expect(square.signatures()).toEqual([]);
    outer.dispose();
  });

  it("lets a gradient through by running operation by operation", () => {
    const compiled = compile((x: tf.Tensor) => tf.mul(tf.square(x), x));
    compiled(tf.scalar(1));
    const gradient = tf.grad((x) => compiled(tf.mul(x, 2)));
    expect(gradient(tf.scalar(3)).dataSync()[0]).toBe(3 * 36 * 2);
    compiled.dispose();
  });

  it("bounds its signatures and forgets the least recently used one", () => {
    const compiled = compile((x: tf.Tensor) => tf.mul(x, 2), { maxSignatures: 2 });
    for (const size of [1, 2, 1, 3, 1]) compiled(tf.ones([size]));
    expect(compiled.signatures().map(({ inputs }) => inputs[0]?.shape)).toEqual([[1], [3]]);
    expect(() => compile(() => [], { maxSignatures: 0 })).toThrow(RangeError);
    compiled.dispose();
    expect(compiled.signatures()).toEqual([]);
    expect(compiled(tf.ones([1])).arraySync()).toEqual([2]);
    compiled.dispose();
  });

  it("leaves no tensors and no handles behind over 100 signatures and 10,000 calls", () => {
    const big = tf.ones([64, 64, 8]);
    const compiled = compile(
      (x: tf.Tensor) => tf.tidy(() => [tf.sum(tf.mul(x, tf.mean(big))), tf.tensor(new Float32Array(40_000))]),
      { maxSignatures: 8 },
    );
    const run = (size: number, calls: number): void => {
      const x = tf.ones([size]);
      for (let i = 0; i < calls; i++) tf.dispose(compiled(x));
      x.dispose();
    };
    run(1, 3);
    compiled.dispose();
    const [tensors, held] = [tf.memory().numTensors, handles()];
    for (let size = 1; size <= 100; size++) run(size, 100);
    expect(compiled.signatures().length).toBe(8);
    compiled.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
    expect(handles()).toBe(held);
  });

  it("writes uniform constants as one value, and keeps the sign of zero", () => {
    const fn = (x: tf.Tensor) => [
      tf.mul(x, tf.ones([2, 50_000])),
      tf.div(x, tf.tensor([-0, -0], [2, 1])),
      tf.add(tf.cast(x, "int32"), tf.tensor([-7, -7], [2, 1], "int32")),
      tf.where(tf.tensor([true, true], [2, 1], "bool"), x, tf.zerosLike(x)),
      tf.mul(x, Number.NaN),
    ];
    const compiled = compile(fn);
    for (const values of [
      [1, -2],
      [3, 4],
    ]) {
      const x = tf.tensor(values, [2, 1]);
      const want = fn(x).map((tensor) => tensor.arraySync());
      expect(compiled(x).map((tensor) => tensor.arraySync())).toEqual(want);
    }
    const [signature] = compiled.signatures();
    expect([signature?.captures, (signature?.bytes ?? 0) < 2_000]).toEqual([0, true]);
    compiled.dispose();
  });

  it("names nothing twice: identical constants are one node, unneeded operations none", () => {
    const compiled = compile((x: tf.Tensor) => {
      tf.matMul(tf.ones([50, 50]), tf.ones([50, 50]));
      return tf.add(tf.add(x, tf.scalar(2)), tf.scalar(2));
    });
    compiled(tf.scalar(1));
    expect(compiled.signatures()[0]?.nodes).toBe(5); // input, constant, two additions, output
    compiled.dispose();
  });
});

describe("compile, other backends", () => {
  skipEach(withoutNative);
  it("runs the same function operation by operation with the same ownership", async () => {
    await import("@tensorflow/tfjs-backend-cpu");
    await tf.setBackend("cpu");
    try {
      const shared = tf.tensor([1, 2]);
      const compiled = compile((x: tf.Tensor) => ({ y: tf.mul(x, 2), x, shared, twice: [x, x] }));
      const x = tf.tensor([3, 4]);
      const before = tf.memory().numTensors;
      const got = compiled(x);
      expect(tf.memory().numTensors).toBe(before + 5);
      expect(got.y.arraySync()).toEqual([6, 8]);
      tf.dispose(got);
      expect(tf.memory().numTensors).toBe(before);
      expect([x.arraySync(), shared.arraySync()]).toEqual([
        [3, 4],
        [1, 2],
      ]);
      expect(compiled.signatures()).toEqual([]);
      compiled.dispose();
    } finally {
      await tf.setBackend("tensorflow");
    }
  });
});
