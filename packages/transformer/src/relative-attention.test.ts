import { createRng, normals } from "@infinite-former/random";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { attentionMask } from "./attention-mask.js";
import { relativeAttention } from "./relative-attention.js";

const [heads, batch, queries, keys, size] = [2, 3, 3, 5, 3];
const shared = {
  contentQueries: [heads, batch, queries, size],
  positionQueries: [heads, batch, queries, size],
  keys: [heads, batch, keys, size],
  values: [heads, batch, keys, size],
  positions: [heads, keys + 1, size],
};
type Shapes = typeof shared;
type Name = keyof Shapes;
const names = Object.keys(shared) as Name[];
/** One table of positions for all batch rows, and one for each. */
const cases: readonly (readonly [string, Shapes])[] = [
  ["one table of positions", shared],
  ["a table for each batch row", { ...shared, positions: [heads, batch, keys + 1, size] }],
];

function draw(shapes: Shapes, seed: number): Record<Name, Float32Array> {
  const rng = createRng(seed);
  return Object.fromEntries(
    names.map((name) => [
      name,
      normals(
        rng,
        shapes[name].reduce((a, b) => a * b, 1),
      ),
    ]),
  ) as Record<Name, Float32Array>;
}

/** The definition, element by element in float64: score of query i and key j uses the row of their distance. */
function byDefinition(
  shapes: Shapes,
  x: Record<Name, ArrayLike<number>>,
  filled: readonly number[],
): Float64Array {
  const out = new Float64Array(heads * batch * queries * size);
  const memory = keys - queries;
  const row = (values: ArrayLike<number>, at: number): number[] =>
    Array.from({ length: size }, (_, d) => values[at * size + d] as number);
  const dot = (a: number[], b: number[]): number => a.reduce((sum, v, d) => sum + v * (b[d] as number), 0);
  for (let h = 0; h < heads; h++) {
    for (let b = 0; b < batch; b++) {
      for (let i = 0; i < queries; i++) {
        const q = (h * batch + b) * queries + i;
        const visible = Array.from({ length: keys }, (_, j) => j).filter(
          (j) => j <= i + memory && (j >= memory || memory - j <= (filled[b] as number)),
        );
        const scores = visible.map((j) => {
          const distance = i + memory - j;
          const table = shapes.positions.length === 3 ? h : h * batch + b;
          const r = row(x.positions, table * (keys + 1) + keys - 1 - distance);
          const k = row(x.keys, (h * batch + b) * keys + j);
          return dot(row(x.contentQueries, q), k) + dot(row(x.positionQueries, q), r);
        });
        const top = Math.max(...scores);
        const weights = scores.map((score) => Math.exp(score - top));
        const total = weights.reduce((a, c) => a + c, 0);
        visible.forEach((j, n) => {
          const v = row(x.values, (h * batch + b) * keys + j);
          for (let d = 0; d < size; d++)
            out[q * size + d]! += ((weights[n] as number) / total) * (v[d] as number);
        });
      }
    }
  }
  return out;
}

function run(x: Record<Name, tf.Tensor>, filled: readonly number[]): tf.Tensor4D {
  return relativeAttention({
    contentQueries: x.contentQueries as tf.Tensor4D,
    positionQueries: x.positionQueries as tf.Tensor4D,
    keys: x.keys as tf.Tensor4D,
    values: x.values as tf.Tensor4D,
    positions: x.positions as tf.Tensor3D | tf.Tensor4D,
    mask: attentionMask(tf.tensor1d([...filled]), keys - queries, 0, queries),
  });
}

function toTensors(shapes: Shapes, x: Record<Name, Float32Array>): Record<Name, tf.Tensor> {
  return Object.fromEntries(names.map((name) => [name, tf.tensor(x[name], [...shapes[name]])])) as Record<
    Name,
    tf.Tensor
  >;
}

describe.each(cases)("relativeAttention with %s", (_, shapes) => {
  it("equals the definition in float64, with rows whose memory is partly empty", () => {
    const values = draw(shapes, 11);
    for (const filled of [
      [2, 2, 2],
      [0, 1, 2],
    ]) {
      const got = tf.tidy(() => run(toTensors(shapes, values), filled).dataSync());
      expectClose(got, byDefinition(shapes, values, filled), { abs: 1e-5, rel: 1e-5 });
    }
  });

  it("has the gradients of the definition by finite differences in float64", () => {
    const values = draw(shapes, 12);
    const filled = [2, 1, 0];
    const cotangent = normals(createRng(13), heads * batch * queries * size);
    const gradients = tf.tidy(() => {
      const x = toTensors(shapes, values);
      const weight = tf.tensor(cotangent, [heads, batch, queries, size]);
      const loss = (...args: tf.Tensor[]): tf.Tensor => {
        const replaced = Object.fromEntries(names.map((name, i) => [name, args[i]])) as Record<
          Name,
          tf.Tensor
        >;
        return tf.sum(tf.mul(run(replaced, filled), weight));
      };
      return tf
        .grads(loss)(names.map((name) => x[name]))
        .map((gradient) => gradient.dataSync());
    });
    const lossAt = (x: Record<Name, ArrayLike<number>>): number =>
      byDefinition(shapes, x, filled).reduce((sum, value, i) => sum + value * (cotangent[i] as number), 0);
    const step = 1e-5;
    names.forEach((name, index) => {
      const base = Float64Array.from(values[name]);
      const expected = base.map((value, i) => {
        const at = (shift: number): number => {
          const moved = base.slice();
          moved[i] = value + shift;
          return lossAt({ ...values, [name]: moved });
        };
        return (at(step) - at(-step)) / (2 * step);
      });
      expectClose(gradients[index] as Float32Array, expected, { abs: 2e-5, rel: 1e-4, name });
    });
  });

  it("leaves no tensors behind", () => {
    const x = toTensors(shapes, draw(shapes, 14));
    const before = tf.memory().numTensors;
    tf.tidy(() => run(x, [2, 2, 2])).dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(Object.values(x));
  });
});
