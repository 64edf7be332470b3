import { createRng, uniforms } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { compressiveAttention, initCompressiveAttention } from "./compressive-attention.js";
import { firstKey } from "./first-key.js";

const rng = createRng(83);
const draw = (count: number) => uniforms(rng, count, -1, 1);
const [batch, heads, size, model, past, queries] = [2, 2, 2, 3, 3, 2];
const [keys, width] = [past + queries, heads * size];
/** Of the past, the first batch row sees two rows, the second all. */
const filled = [2, 3];
const sizes = {
  x: [batch, keys, model],
  q: [model, width],
  kv: [model, 2 * width],
  o: [width, model],
  bias: [model],
  positions: [keys, heads, size],
} as const;
type Name = keyof typeof sizes;
const names = Object.keys(sizes) as Name[];
const values = Object.fromEntries(
  names.map((name) => [name, draw(sizes[name].reduce((a: number, b: number) => a * b, 1))]),
) as Record<Name, Float32Array>;

/** The definition, element by element. */
function byDefinition(): number[] {
  const out: number[] = [];
  const project = (b: number, row: number, name: "q" | "kv", column: number, columns: number): number =>
    Array.from(
      { length: model },
      (_, i) =>
        (values.x[(b * keys + row) * model + i] as number) * (values[name][i * columns + column] as number),
    ).reduce((sum, v) => sum + v, 0);
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < queries; i++) {
      const joined: number[] = [];
      for (let h = 0; h < heads; h++) {
        const query = Array.from({ length: size }, (_, d) => project(b, past + i, "q", h * size + d, width));
        const visible = Array.from({ length: keys }, (_, j) => j).filter(
          (j) => j <= past + i && j >= past - (filled[b] as number),
        );
        const scores = visible.map((j) => {
          const row = keys - 1 - (past + i - j);
          const sum = query.reduce((total, v, d) => {
            const key = project(b, j, "kv", h * size + d, 2 * width);
            return total + v * (key + (values.positions[(row * heads + h) * size + d] as number));
          }, 0);
          return Math.exp(sum / Math.sqrt(size));
        });
        const total = scores.reduce((a, v) => a + v, 0);
        for (let d = 0; d < size; d++) {
          const value = (j: number) => project(b, j, "kv", width + h * size + d, 2 * width);
          joined.push(visible.reduce((sum, j, n) => sum + ((scores[n] as number) / total) * value(j), 0));
        }
      }
      for (let o = 0; o < model; o++) {
        out.push(
          joined.reduce(
            (sum, v, c) => sum + v * (values.o[c * model + o] as number),
            values.bias[o] as number,
          ),
        );
      }
    }
  }
  return out;
}

function run(x: Record<Name, tf.Tensor>): tf.Tensor3D {
  const rows = x.x as tf.Tensor3D;
  return compressiveAttention(
    {
      queries: { kernel: x.q as tf.Tensor2D },
      keysAndValues: { kernel: x.kv as tf.Tensor2D },
      output: { kernel: x.o as tf.Tensor2D, bias: x.bias as tf.Tensor1D },
    },
    {
      x: tf.slice(rows, [0, past, 0], [batch, queries, model]),
      context: rows,
      positions: x.positions as tf.Tensor3D,
      first: firstKey(tf.tensor1d(filled), past),
      heads,
    },
  );
}

describe("compressiveAttention", () => {
  it("equals its definition, with rows of the past that do not count", () => {
    tf.tidy(() => {
      const tensors = Object.fromEntries(
        names.map((name) => [name, tf.tensor(values[name], [...sizes[name]])]),
      );
      expectClose(run(tensors as Record<Name, tf.Tensor>).dataSync(), byDefinition(), {
        abs: 2e-6,
        rel: 2e-6,
      });
    });
  });

  it("equals finite differences in everything", () => {
    expectGradients(
      (...given: tf.Tensor[]) =>
        tf.tidy(() =>
          run(Object.fromEntries(names.map((name, i) => [name, given[i]])) as Record<Name, tf.Tensor>),
        ),
      names.map((name) => ({ shape: sizes[name], values: values[name] })),
    );
  });

  it("leaves no tensors behind", () => {
    const params = initCompressiveAttention({ modelSize: model, heads, headSize: size }, rng);
    const x: tf.Tensor3D = tf.ones([1, 2, model]);
    const positions: tf.Tensor3D = tf.ones([2, heads, size]);
    const before = tf.memory().numTensors;
    compressiveAttention(params, { x, context: x, positions, first: null, heads }).dispose();
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([params, x, positions]);
  });
});
