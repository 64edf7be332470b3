import { createRng, normals } from "@infinite-former/random";
import { hasKernel } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { writeRing } from "./ring.js";

const fused = "InfiniteFormerWriteRing";

function written(shape: readonly number[], slot: number): { got: Float32Array; want: Float32Array } {
  const [slots, size] = shape.slice(-2) as [number, number];
  const count = shape.reduce((a, b) => a * b);
  const rng = createRng(2);
  const ring = normals(rng.split("ring"), count);
  const rows = normals(rng.split("rows"), count / slots);
  const got = tf.tidy(() => {
    const given = writeRing(tf.tensor(ring, [...shape]), tf.tensor(rows), tf.scalar(slot, "int32"));
    expect(given.shape).toEqual(shape);
    return given.dataSync() as Float32Array;
  });
  const want = Float32Array.from(ring, (old, i) => {
    const row = Math.floor(i / size);
    return row % slots === slot ? (rows[Math.floor(row / slots) * size + (i % size)] as number) : old;
  });
  return { got, want };
}

const shapes = [
  [1, 1],
  [7, 3],
  [2, 5, 19],
  [3, 2, 9, 33],
];

describe("writeRing", () => {
  it("writes one slot of every group and nothing else, as one kernel and composed", () => {
    const kernel = hasKernel(fused) ? tf.getKernel(fused, tf.getBackend()) : undefined;
    for (const shape of shapes) {
      const slots = shape.at(-2) as number;
      for (const slot of new Set([0, slots >> 1, slots - 1])) {
        const { got, want } = written(shape, slot);
        expect(got).toEqual(want);
        if (kernel === undefined) continue;
        tf.unregisterKernel(fused, kernel.backendName);
        try {
          expect(written(shape, slot).got).toEqual(want);
        } finally {
          tf.registerKernel(kernel);
        }
      }
    }
  });

  it("writes the ring's own memory on native TensorFlow", ({ skip }) => {
    if (tf.getBackend() !== "tensorflow") skip("other backends make a new ring");
    tf.tidy(() => {
      const ring = tf.zeros([2, 3, 2]);
      const given = writeRing(ring, tf.tensor1d([1, 2, 3, 4]), tf.scalar(1, "int32"));
      expect(ring.dataSync()).toEqual(given.dataSync());
      expect(Array.from(ring.dataSync())).toEqual([0, 0, 1, 2, 0, 0, 0, 0, 3, 4, 0, 0]);
    });
  });

  it("refuses what does not fit where it is one kernel, and leaves no tensors behind", ({ skip }) => {
    if (!hasKernel(fused)) skip("this backend has no kernel for it");
    const [ring, rows, slot, beyond] = [
      tf.zeros([2, 3, 2]),
      tf.zeros([4]),
      tf.scalar(-1, "int32"),
      tf.tensor1d([0, 1], "int32"),
    ];
    const before = tf.memory().numTensors;
    expect(() => writeRing(ring, rows, slot)).toThrow("slot must be in [0, 3), got -1");
    expect(() => writeRing(ring, rows, beyond)).toThrow("slot must be one number, got shape [2]");
    expect(() => writeRing(ring, slot, tf.tensor1d([0], "int32"))).toThrow();
    expect(() => writeRing(rows, rows, slot)).toThrow("ring must have shape [..., slots, size], got [4]");
    expect(tf.memory().numTensors).toBe(before + 1);
    tf.dispose([ring, rows, slot, beyond]);
  });
});
