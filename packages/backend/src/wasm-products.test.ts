import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activateBackend } from "./activate.js";
import { registerWasmProducts } from "./wasm-products.js";

const cases: readonly (readonly [left: number[], right: number[]])[] = [
  [
    [40, 30],
    [30, 50],
  ],
  [
    [3, 40, 30],
    [3, 30, 50],
  ],
  [
    [2, 3, 33, 31],
    [2, 3, 31, 35],
  ],
  [
    [3, 40, 30],
    [1, 30, 50],
  ],
  [
    [1, 40, 30],
    [4, 30, 50],
  ],
  [
    [2, 1, 40, 30],
    [1, 3, 30, 50],
  ],
  [
    [3, 2, 1],
    [3, 1, 2],
  ],
];

/** Numbers in [−1, 1] without a pattern. */
function draw(shape: readonly number[], seed: number): Float32Array {
  const count = shape.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * (seed + 1) * 12.9898) % 1);
}

function swapped(shape: readonly number[]): number[] {
  return [...shape.slice(0, -2), shape.at(-1) as number, shape.at(-2) as number];
}

/** Every case with every choice of transposed sides. */
function products(): { shape: number[]; values: Float32Array }[] {
  return cases.flatMap(([left, right], index) =>
    [0, 1, 2, 3].map((flags) =>
      tf.tidy(() => {
        const [ta, tb] = [(flags & 1) > 0, (flags & 2) > 0];
        const a = tf.tensor(draw(left, index), ta ? swapped(left) : left);
        const b = tf.tensor(draw(right, index + 100), tb ? swapped(right) : right);
        const out = tf.matMul(a, b, ta, tb);
        return { shape: out.shape, values: out.dataSync() as Float32Array };
      }),
    ),
  );
}

let expected: ReturnType<typeof products>;
beforeAll(async () => {
  expected = cases.flatMap(([left, right], index) =>
    [0, 1, 2, 3].map((flags) => byDefinition(left, right, index, flags)),
  );
  await activateBackend("wasm");
});
afterAll(() => activateBackend("cpu"));

function byDefinition(
  left: number[],
  right: number[],
  index: number,
  flags: number,
): { shape: number[]; values: Float32Array } {
  const [ta, tb] = [(flags & 1) > 0, (flags & 2) > 0];
  const [a, b] = [draw(left, index), draw(right, index + 100)];
  const [rows, inner, columns] = [left.at(-2) as number, left.at(-1) as number, right.at(-1) as number];
  const [leadA, leadB] = [left.slice(0, -2), right.slice(0, -2)];
  const lead = leadA.map((size, i) => Math.max(size, leadB[i] as number));
  const count = lead.reduce((x, y) => x * y, 1);
  const values = new Float32Array(count * rows * columns);
  const place = (own: number[], at: number): number => {
    let [rest, index2, stride] = [at, 0, 1];
    for (let axis = lead.length - 1; axis >= 0; axis--) {
      const here = rest % (lead[axis] as number);
      rest = Math.floor(rest / (lead[axis] as number));
      if (own[axis] !== 1) index2 += here * stride;
      stride *= own[axis] as number;
    }
    return index2;
  };
  for (let n = 0; n < count; n++) {
    const [pa, pb] = [place(leadA, n) * rows * inner, place(leadB, n) * inner * columns];
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const x = a[pa + (ta ? k * rows + i : i * inner + k)] as number;
          sum += x * (b[pb + (tb ? j * inner + k : k * columns + j)] as number);
        }
        values[(n * rows + i) * columns + j] = sum;
      }
    }
  }
  return { shape: [...lead, rows, columns], values };
}

describe("registerWasmProducts", () => {
  it("multiplies stacks of matrices, repeated and transposed ones, as their definition says", () => {
    const got = products();
    got.forEach(({ shape, values }, i) => {
      expect(shape).toEqual(expected[i]?.shape);
      expectClose(values, expected[i]?.values as Float32Array, { abs: 1e-5, rel: 1e-5, name: `case ${i}` });
    });
  });

  it("leaves no memory behind, and is not wrapped twice", () => {
    const kernel = tf.getKernel("BatchMatMul", "wasm");
    registerWasmProducts();
    expect(tf.getKernel("BatchMatMul", "wasm")).toBe(kernel);
    const data = (): number => (tf.backend() as unknown as { numDataIds(): number }).numDataIds();
    products();
    const before = [tf.memory().numTensors, data()];
    products();
    expect([tf.memory().numTensors, data()]).toEqual(before);
  });
});
