import { createRng, normals, uniforms } from "@infinite-former/random";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { withoutKernel } from "../test/without-kernel.js";
import { embed, hasKernel, scatterRows } from "./index.js";

const name = "InfiniteFormerScatterRows";

const cases = [
  { count: 1, size: 1, vocabulary: 1 },
  { count: 4, size: 3, vocabulary: 9 },
  { count: 300, size: 33, vocabulary: 5 },
  { count: 7, size: 260, vocabulary: 1000 },
  { count: 500, size: 530, vocabulary: 41 },
];

function draw({ count, size, vocabulary }: (typeof cases)[number]) {
  const rng = createRng(count);
  const ids = Int32Array.from(uniforms(rng.split("ids"), count, 0, vocabulary), Math.floor);
  return { ids, rows: normals(rng.split("rows"), count * size) };
}

/** In float32, row by row in their order. */
function inOrder({ size, vocabulary }: (typeof cases)[number], { ids, rows }: ReturnType<typeof draw>) {
  const table = new Float32Array(vocabulary * size);
  ids.forEach((id, i) => {
    for (let d = 0; d < size; d++) table[id * size + d]! += rows[i * size + d] as number;
  });
  return table;
}

function run({ count, size, vocabulary }: (typeof cases)[number], x: ReturnType<typeof draw>) {
  return tf.tidy(() => {
    const rows = tf.tensor2d(x.rows, [count, size]);
    const table = scatterRows(rows, tf.tensor1d(x.ids, "int32"), vocabulary);
    expect(table.shape).toEqual([vocabulary, size]);
    return table.dataSync();
  });
}

describe("scatterRows", () => {
  it("adds rows up by index, the same bits each time, at any size", () => {
    for (const sizes of cases) {
      const x = draw(sizes);
      const got = run(sizes, x);
      // The kernel adds in the order of the rows: not a bit differs.
      const limit = hasKernel(name) ? { abs: 0, rel: 0 } : { abs: 1e-5, rel: 1e-6 };
      expectClose(got, inOrder(sizes, x), { ...limit, name: `${sizes.count}` });
      expectClose(run(sizes, x), got, { abs: 0, rel: 0 });
    }
  });

  it("has the numbers of the composed form where it is one kernel", ({ skip }) => {
    if (!hasKernel(name)) skip("this backend has no fused scatterRows");
    for (const sizes of cases) {
      const x = draw(sizes);
      const want = withoutKernel(name, () => run(sizes, x));
      expectClose(run(sizes, x), want, { abs: 1e-5, rel: 1e-6, name: `${sizes.count}` });
    }
  });

  it("leaves no tensors behind and borrows its arguments", () => {
    const [rows, ids] = [tf.ones([3, 2]) as tf.Tensor2D, tf.tensor1d([1, 0, 1], "int32")];
    const before = tf.memory().numTensors;
    scatterRows(rows, ids, 4).dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect([...rows.dataSync()]).toEqual(Array(6).fill(1));
    tf.dispose([rows, ids]);
  });

  it("is the gradient of embed", () => {
    const sizes = cases[2] as (typeof cases)[number];
    const x = draw(sizes);
    tf.tidy(() => {
      const table = tf.zeros([sizes.vocabulary, sizes.size]);
      const ids = tf.tensor(x.ids, [10, 30], "int32");
      const look = (t: tf.Tensor) => embed(t as tf.Tensor2D, ids);
      const got = tf.grad(look)(table, tf.tensor(x.rows, [10, 30, sizes.size]));
      expectClose(got.dataSync(), inOrder(sizes, x), { abs: 1e-5, rel: 1e-6 });
    });
  });
});
