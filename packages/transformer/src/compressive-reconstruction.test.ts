import { createRng, uniforms } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { initCompressiveAttention } from "./compressive-attention.js";
import { reconstructionLoss, zeroReconstructionLoss } from "./compressive-reconstruction.js";

const rng = createRng(84);
const draw = (count: number) => uniforms(rng, count, -1, 1);
const [batch, heads, size, model, queries, oldRows, newRows] = [3, 2, 2, 3, 4, 5, 2];
const width = heads * size;
const [q, kv] = [draw(model * width), draw(model * 2 * width)];
const [x, old, fresh] = [
  draw(batch * queries * model),
  draw(batch * oldRows * model),
  draw(batch * newRows * model),
];

function params() {
  return {
    queries: { kernel: tf.tensor2d(q, [model, width]) },
    keysAndValues: { kernel: tf.tensor2d(kv, [model, 2 * width]) },
    output: { kernel: tf.zeros<tf.Rank.R2>([width, model]) },
  };
}

/** What the queries of one batch row and head read in the last `counting` of some rows; 0 in none. */
function reads(rows: Float32Array, count: number, counting: number, b: number, h: number): number[] {
  const times = (
    values: Float32Array,
    at: number,
    kernel: Float32Array,
    columns: number,
    column: number,
  ): number =>
    Array.from(
      { length: model },
      (_, i) => (values[at * model + i] as number) * (kernel[i * columns + column] as number),
    ).reduce((sum, v) => sum + v, 0);
  const places = Array.from({ length: counting }, (_, n) => b * count + count - counting + n);
  return Array.from({ length: queries }, (_, i) => {
    const query = Array.from({ length: size }, (__, d) => times(x, b * queries + i, q, width, h * size + d));
    const scores = places.map((at) =>
      Math.exp(
        query.reduce((sum, v, d) => sum + v * times(rows, at, kv, 2 * width, h * size + d), 0) /
          Math.sqrt(size),
      ),
    );
    const total = scores.reduce((a, v) => a + v, 0);
    return Array.from({ length: size }, (__, d) =>
      places.reduce(
        (sum, at, n) =>
          sum + ((scores[n] as number) / total) * times(rows, at, kv, 2 * width, width + h * size + d),
        0,
      ),
    );
  }).flat();
}

/** Mean square over the batch rows in which something was compressed. */
function byDefinition(oldFilled: readonly number[], newFilled: readonly number[]): number {
  const squares = newFilled.flatMap((counting, b) =>
    counting === 0
      ? []
      : Array.from({ length: heads }, (_, h) => {
          const before = reads(old, oldRows, oldFilled[b] as number, b, h);
          const after = reads(fresh, newRows, counting, b, h);
          return before.map((v, i) => (v - (after[i] as number)) ** 2);
        }).flat(),
  );
  return squares.reduce((sum, v) => sum + v, 0) / Math.max(1, squares.length);
}

const loss = (
  oldFilled: readonly number[] | null,
  newFilled: readonly number[],
  compressed?: tf.Tensor3D,
): tf.Scalar =>
  tf.tidy(() =>
    reconstructionLoss(params(), {
      queries: tf.tensor3d(x, [batch, queries, model]),
      old:
        oldFilled === null
          ? null
          : { rows: tf.tensor3d(old, [batch, oldRows, model]), filled: tf.tensor1d([...oldFilled]) },
      compressed: {
        rows: compressed ?? tf.tensor3d(fresh, [batch, newRows, model]),
        filled: tf.tensor1d([...newFilled]),
      },
      heads,
    }),
  );

describe("reconstructionLoss", () => {
  it("equals its definition, over the batch rows in which something was compressed", () => {
    for (const [oldFilled, newFilled] of [
      [
        [5, 5, 5],
        [2, 2, 2],
      ],
      [
        [5, 2, 0],
        [2, 1, 0],
      ],
      [
        [5, 0, 3],
        [2, 2, 1],
      ],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    ] as const) {
      const got = tf.tidy(() => loss(oldFilled, newFilled).dataSync());
      expectClose(got, [byDefinition(oldFilled, newFilled)], { abs: 1e-6, rel: 1e-6 });
    }
    const nothing = tf.tidy(() => loss(null, [2, 1, 2]).dataSync());
    expectClose(nothing, [byDefinition([0, 0, 0], [2, 1, 2])], { abs: 1e-6, rel: 1e-6 });
  });

  it("equals finite differences in the compressed rows", () => {
    expectGradients(
      (rows) => loss([5, 3, 0], [2, 1, 0], rows),
      [{ shape: [batch, newRows, model], values: fresh }],
    );
  });

  it("is a constant to everything but the compressed rows", () => {
    tf.tidy(() => {
      const weights = params();
      const given = [
        weights.queries.kernel,
        weights.keysAndValues.kernel,
        tf.tensor3d(x, [batch, queries, model]),
      ];
      const [compressed, past] = [
        tf.tensor3d(fresh, [batch, newRows, model]),
        tf.tensor3d(old, [batch, oldRows, model]),
      ];
      const filled = tf.tensor1d([2, 2, 2]);
      const run = (...args: tf.Tensor[]): tf.Scalar =>
        reconstructionLoss(
          {
            ...weights,
            queries: { kernel: args[0] as tf.Tensor2D },
            keysAndValues: { kernel: args[1] as tf.Tensor2D },
          },
          {
            queries: args[2] as tf.Tensor3D,
            old: { rows: args[3] as tf.Tensor3D, filled },
            compressed: { rows: compressed, filled },
            heads,
          },
        );
      const all = [...given, past];
      for (const [index] of all.entries()) {
        const by = (one: tf.Tensor) => run(...all.map((tensor, i) => (i === index ? one : tensor)));
        expect(() => tf.grad(by)(all[index] as tf.Tensor)).toThrow(/Cannot compute gradient/);
      }
    });
  });

  it("leaves no tensors behind", () => {
    const weights = initCompressiveAttention({ modelSize: 2, heads: 1, headSize: 2 }, rng);
    const memory = { rows: tf.ones([1, 3, 2]) as tf.Tensor3D, filled: tf.tensor1d([2]) };
    const before = tf.memory().numTensors;
    reconstructionLoss(weights, {
      queries: memory.rows,
      old: memory,
      compressed: memory,
      heads: 1,
    }).dispose();
    zeroReconstructionLoss([]).dispose();
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([weights, memory]);
  });
});
