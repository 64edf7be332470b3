import { compressRows, initCompression } from "@infinite-former/memory";
import { createRng, normals } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { initCompressiveAttention } from "./compressive-attention.js";
import type { CompressiveMemory } from "./compressive-memory.js";
import { rememberSegment } from "./compressive-memory.js";
import { reconstructionLoss } from "./compressive-reconstruction.js";

const [model, heads, ratio, segmentLength, segments] = [4, 2, 3, 5, 6];
const rng = createRng(85);
const params = () => ({
  attention: initCompressiveAttention({ modelSize: model, heads, headSize: 2 }, createRng(86)),
  compression: initCompression({ modelSize: model, ratio }, createRng(87)),
});
type Rows = number[][];
const text: Rows = Array.from({ length: segments * segmentLength }, () => [...normals(rng, model)]);
const toTensor = (rows: Rows): tf.Tensor3D => tf.tensor3d([rows], [1, rows.length, model]);
const full = (rows: tf.Tensor3D) => ({ rows, filled: tf.tensor1d([rows.shape[1]]) });

/** The same in plain lists: what is remembered after each segment, and which rows left with it. */
function queues(shortTermLength: number): { recent: Rows; leaving: Rows; before: Rows }[] {
  let recent: Rows = [];
  return Array.from({ length: segments }, (_, index) => {
    const before = recent;
    const all = [...before, ...text.slice(index * segmentLength, (index + 1) * segmentLength)];
    const leaving = all.slice(0, Math.max(0, all.length - shortTermLength));
    recent = all.slice(leaving.length);
    return { recent, leaving, before };
  });
}

describe("rememberSegment", () => {
  it.each([
    [7, 4, "leaving"],
    [7, 4, "memory"],
    [3, 9, "leaving"],
    [0, 2, "memory"],
  ] as const)(
    "keeps %i rows, compresses those that leave into %i, and compares what is read of %s",
    (shortTermLength, compressedLength, reconstruction) => {
      const config = { heads, shortTermLength, compressedLength, compressionRatio: ratio, reconstruction };
      tf.tidy(() => {
        const weights = params();
        let memory: CompressiveMemory = { recent: null, compressed: null };
        const compressed: Rows = [];
        queues(shortTermLength).forEach(({ recent, leaving, before }, index) => {
          const segment = toTensor(text.slice(index * segmentLength, (index + 1) * segmentLength));
          const filled = tf.tensor1d([before.length]);
          const next = rememberSegment(weights, { ...config, remainder: "pad" }, memory, filled, segment, {
            withLoss: true,
            throughPast: false,
          });
          expectClose(next.recent?.dataSync() ?? [], recent.flat(), { abs: 0, rel: 0 });
          let loss = 0;
          if (leaving.length > 0) {
            const fresh = compressRows(weights.compression, full(toTensor(leaving)));
            compressed.push(...(fresh.rows.arraySync()[0] as Rows));
            const rows = reconstruction === "leaving" ? leaving : before;
            const old = rows.length === 0 ? null : full(toTensor(rows));
            const input = { queries: segment, old, compressed: fresh, heads };
            loss = reconstructionLoss(weights.attention, input).dataSync()[0] as number;
            expect(loss).toBeGreaterThan(0);
          }
          expectClose(next.compressed?.rows.dataSync() ?? [], compressed.slice(-compressedLength).flat(), {
            abs: 1e-6,
          });
          expectClose(next.loss?.dataSync() ?? [], [loss], { abs: 1e-9, rel: 1e-5 });
          memory = next;
        });
      });
    },
  );

  it("leaves no tensors behind but what it gives, and no loss that was not asked for", () => {
    const weights = params();
    const [recent, segment, filled] = [
      toTensor(text.slice(0, 3)),
      toTensor(text.slice(3, 8)),
      tf.tensor1d([3]),
    ];
    const config = { heads, shortTermLength: 3, compressedLength: 4, compressionRatio: ratio } as const;
    const before = tf.memory().numTensors;
    for (const withLoss of [true, false]) {
      const next = rememberSegment(
        weights,
        { ...config, remainder: "reference", reconstruction: "memory" },
        { recent, compressed: null },
        filled,
        segment,
        { withLoss, throughPast: false },
      );
      expect(next.loss === null).toBe(!withLoss);
      disposeTree(next);
    }
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([weights, recent, segment, filled]);
  });
});
