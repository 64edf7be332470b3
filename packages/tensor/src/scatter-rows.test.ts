import { createRng, normals, uniforms } from "@infinite-former/random";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { embed, scatterRows } from "./index.js";

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

describe("scatterRows", () => {
  it("adds rows up by index, the same bits each time, at any size", () => {
    for (const sizes of cases) {
      const { count, size, vocabulary } = sizes;
      const x = draw(sizes);
      const run = () =>
        tf.tidy(() => {
          const rows = tf.tensor2d(x.rows, [count, size]);
          const table = scatterRows(rows, tf.tensor1d(x.ids, "int32"), vocabulary);
          expect(table.shape).toEqual([vocabulary, size]);
          return table.dataSync();
        });
      expectClose(run(), inOrder(sizes, x), { abs: 1e-5, rel: 1e-6, name: `${count}` });
      expect(run()).toEqual(run());
    }
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
