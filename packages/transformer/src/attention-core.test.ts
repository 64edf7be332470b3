import { createRng, normals } from "@infinite-former/random";
import { hasKernel, seededUniform } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { type AttentionCoreInput, attentionCore } from "./attention-core.js";

interface Sizes {
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly size: number;
}

type Name = "queries" | "keysAndValues" | "positions" | "contentBias" | "positionBias";
type Arrays = Partial<Record<Name, Float32Array>>;
type Shapes = Partial<Record<Name, number[]>>;

/** Which operands a case has: positions with one spare row or none, for all rows of the batch or for each. */
const forms = {
  plain: (): Shapes => ({}),
  "shared positions": ({ keys, heads, size }: Sizes): Shapes => ({
    positions: [keys + 1, heads, size],
    contentBias: [heads, size],
    positionBias: [heads, size],
  }),
  "positions for each row, no biases": ({ batch, keys, heads, size }: Sizes): Shapes => ({
    positions: [batch, keys, heads, size],
  }),
};

const small: Sizes = { batch: 3, queries: 3, keys: 5, heads: 2, size: 3 };
const scale = 0.7;
const dropoutSeed = [5, -3] as const;

/** What each weight `[batch, heads, queries, keys]` is multiplied by. */
function factors({ batch, queries, keys, heads }: Sizes, rate: number): Float32Array {
  const size = batch * heads * queries * keys;
  if (rate === 0) return new Float32Array(size).fill(1);
  return tf.tidy(() => {
    const drawn = seededUniform([size], tf.tensor1d([...dropoutSeed], "int32")).dataSync();
    return Float32Array.from(drawn, (u) => (u >= Math.fround(rate) ? 1 / (1 - rate) : 0));
  });
}

function shapesOf(form: keyof typeof forms, sizes: Sizes): Shapes {
  const { batch, queries, keys, heads, size } = sizes;
  return {
    queries: [batch, queries, heads, size],
    keysAndValues: [batch, keys, 2, heads, size],
    ...forms[form](sizes),
  };
}

function count(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

function draw(shapes: Shapes, seed: number): Arrays {
  const rng = createRng(seed);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, normals(rng.split(name), count(shape))]),
  );
}

/** The definition, element by element in float64. */
function byDefinition(
  { batch, queries, keys, heads, size }: Sizes,
  shapes: Shapes,
  x: Partial<Record<Name, ArrayLike<number>>>,
  first: readonly number[],
  keep: Float32Array,
): Float64Array {
  const out = new Float64Array(batch * queries * heads * size);
  const at = (values: ArrayLike<number> | undefined, row: number, d: number): number =>
    values?.[row * size + d] ?? 0;
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < queries; i++) {
      for (let h = 0; h < heads; h++) {
        const q = (b * queries + i) * heads + h;
        const own = keys - queries + i;
        const seen = Array.from({ length: keys }, (_, j) => j).filter(
          (j) => j <= own && j >= Math.min(first[b] as number, keys - queries),
        );
        const scores = seen.map((j) => {
          const key = ((b * keys + j) * 2 + 0) * heads + h;
          const column = keys - 1 - (own - j);
          const rows = shapes.positions?.at(-3) ?? 0;
          const table = ((shapes.positions?.length === 4 ? b * rows : 0) + column) * heads + h;
          let sum = 0;
          for (let d = 0; d < size; d++) {
            const query = at(x.queries, q, d);
            sum += (query + at(x.contentBias, h, d)) * at(x.keysAndValues, key, d);
            if (x.positions) sum += (query + at(x.positionBias, h, d)) * at(x.positions, table, d);
          }
          return sum * scale;
        });
        const top = Math.max(...scores);
        const weights = scores.map((score) => Math.exp(score - top));
        const total = weights.reduce((a, c) => a + c, 0);
        seen.forEach((j, n) => {
          const value = ((b * keys + j) * 2 + 1) * heads + h;
          const kept = keep[((b * heads + h) * queries + i) * keys + j] as number;
          for (let d = 0; d < size; d++)
            out[q * size + d]! += ((kept * (weights[n] as number)) / total) * at(x.keysAndValues, value, d);
        });
      }
    }
  }
  return out;
}

function tensorsOf(shapes: Shapes, x: Arrays): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, tf.tensor(x[name as Name] as Float32Array, shape)]),
  );
}

function run(x: Record<string, tf.Tensor>, first: readonly number[], rate: number): tf.Tensor4D {
  const dropout = rate === 0 ? undefined : { rate, seed: tf.tensor1d([...dropoutSeed], "int32") };
  return attentionCore({
    ...(x as unknown as AttentionCoreInput),
    first: tf.tensor1d([...first]),
    scale,
    dropout,
  });
}

/** Value and gradients of `Σ weight · attention`, by operand. */
function valueAndGradients(
  shapes: Shapes,
  values: Arrays,
  first: readonly number[],
  weight: Float32Array,
  rate: number,
): Record<string, Float32Array> {
  return tf.tidy(() => {
    const x = tensorsOf(shapes, values);
    const names = Object.keys(x);
    const outShape = shapes.queries as number[];
    const loss = (...args: tf.Tensor[]): tf.Tensor =>
      tf.sum(
        tf.mul(
          run(Object.fromEntries(names.map((name, i) => [name, args[i]])) as never, first, rate),
          tf.tensor(weight, outShape),
        ),
      );
    const slopes = tf.grads(loss)(names.map((name) => x[name] as tf.Tensor));
    expect(slopes.map(({ shape }) => shape)).toEqual(names.map((name) => shapes[name as Name]));
    return {
      value: run(x, first, rate).dataSync() as Float32Array,
      ...Object.fromEntries(names.map((name, i) => [name, slopes[i]?.dataSync() as Float32Array])),
    };
  });
}

const cases = (Object.keys(forms) as (keyof typeof forms)[]).flatMap((form) =>
  [0, 0.3].map((rate) => ({ form, rate })),
);

describe.each(cases)("attentionCore, $form, dropout $rate", ({ form, rate }) => {
  const shapes = shapesOf(form, small);
  let kept: Float32Array;
  beforeAll(() => {
    kept = factors(small, rate);
  });

  it("equals the definition in float64, with rows that see a part of the keys", () => {
    const values = draw(shapes, 11);
    for (const first of [
      [0, 0, 0],
      [2, 1, 0],
      [0, 9, 1],
    ]) {
      const got = tf.tidy(() => run(tensorsOf(shapes, values), first, rate).dataSync());
      expectClose(got, byDefinition(small, shapes, values, first, kept), { abs: 1e-5, rel: 1e-5 });
    }
  });

  it("has the gradients of the definition by finite differences in float64", () => {
    const values = draw(shapes, 12);
    const first = [0, 1, 2];
    const weight = normals(createRng(13), count(shapes.queries as number[]));
    const got = valueAndGradients(shapes, values, first, weight, rate);
    const lossAt = (x: Partial<Record<Name, ArrayLike<number>>>): number =>
      byDefinition(small, shapes, x, first, kept).reduce((sum, v, i) => sum + v * (weight[i] as number), 0);
    const step = 1e-5;
    for (const name of Object.keys(shapes) as Name[]) {
      const base = Float64Array.from(values[name] as Float32Array);
      const expected = base.map((value, i) => {
        const moved = (shift: number): number => {
          const changed = base.slice();
          changed[i] = value + shift;
          return lossAt({ ...values, [name]: changed });
        };
        return (moved(step) - moved(-step)) / (2 * step);
      });
      expectClose(got[name] as Float32Array, expected, { abs: 2e-5, rel: 1e-4, name });
    }
  });

  it("is one kernel on native TensorFlow, with the numbers of the composed form at any size", ({ skip }) => {
    if (!hasKernel("InfiniteFormerAttention")) skip("this backend has no fused attention");
    const cases: (Sizes & { readonly first: number[] })[] = [
      { batch: 2, queries: 1, keys: 1, heads: 1, size: 1, first: [0, 0] },
      { batch: 2, queries: 1, keys: 130, heads: 2, size: 50, first: [17, 3] },
      { batch: 2, queries: 100, keys: 165, heads: 3, size: 50, first: [0, 40] },
      { batch: 1, queries: 97, keys: 97, heads: 2, size: 64, first: [0] },
      { batch: 1, queries: 49, keys: 300, heads: 1, size: 130, first: [251] },
      { batch: 1, queries: 7, keys: 3000, heads: 1, size: 5, first: [2991] },
    ];
    for (const { first, ...sizes } of cases) {
      const own = shapesOf(form, sizes);
      const values = draw(own, 14);
      const weight = normals(createRng(15), count(own.queries as number[]));
      const got = valueAndGradients(own, values, first, weight, rate);
      const kernel = tf.getKernel("InfiniteFormerAttention", "tensorflow") as tf.KernelConfig;
      tf.unregisterKernel(kernel.kernelName, kernel.backendName);
      try {
        const want = valueAndGradients(own, values, first, weight, rate);
        for (const [name, array] of Object.entries(want)) {
          expectClose(got[name] as Float32Array, array, {
            abs: 1e-5,
            rel: 1e-5,
            name: `${name} at ${own.keysAndValues}`,
          });
        }
      } finally {
        tf.registerKernel(kernel);
      }
    }
  });

  it("leaves no tensors behind, and gives the same bits each time", () => {
    const x = tensorsOf(shapes, draw(shapes, 16));
    const before = tf.memory().numTensors;
    const once = tf.tidy(() => run(x, [0, 1, 2], rate).dataSync());
    const again = tf.tidy(() => run(x, [0, 1, 2], rate).dataSync());
    expect(tf.memory().numTensors).toBe(before);
    expect(again).toEqual(once);
    tf.dispose(Object.values(x));
  });
});
