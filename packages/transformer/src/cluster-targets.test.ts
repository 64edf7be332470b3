import { createRng } from "@infinite-former/random";
import { disposeTree, leaves } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { clusterTargets, clusterTensors } from "./cluster-targets.js";

const config = { vocabularySize: 11, adaptive: { cutoffs: [4, 7, 8], divisor: 1 } };

describe("clusterTargets", () => {
  it("sorts ids by the cutoffs, which are the first of their cluster", () => {
    const { head, tails } = clusterTargets(config, [3, 4, 6, 7, 8, 10, 0], [1, 2, 1, 0.5, 1, 1, 3]);
    expect([...head.labels]).toEqual([3, 4, 4, 5, 6, 6, 0]);
    expect([...head.weights]).toEqual([1, 2, 1, 0.5, 1, 1, 3]);
    expect(tails.map(({ rows }) => [...rows])).toEqual([
      [1, 2, 0, 0, 0, 0, 0],
      [3, 0, 0, 0, 0, 0, 0],
      [4, 5, 0, 0, 0, 0, 0],
    ]);
    expect(tails.map(({ labels }) => [...labels])).toEqual([
      [0, 2, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0],
      [0, 2, 0, 0, 0, 0, 0],
    ]);
    expect(tails.map(({ counts }) => [...counts])).toEqual([
      [1, 1, 0, 0, 0, 0, 0],
      [1, 0, 0, 0, 0, 0, 0],
      [1, 1, 0, 0, 0, 0, 0],
    ]);
  });

  it("leaves out what doesn't count, whatever its id", () => {
    const { head, tails } = clusterTargets(config, [-100, 9, 500, 9], [0, 0, 0, 1]);
    expect([...head.labels]).toEqual([0, 0, 0, 6]);
    expect([...head.weights]).toEqual([0, 0, 0, 1]);
    expect(tails.map(({ counts }) => counts.reduce((a, b) => a + b))).toEqual([0, 0, 1]);
    expect([...(tails[2]?.rows ?? [])]).toEqual([3, 0, 0, 0]);
  });

  it("counts every target once, in few sizes: powers of two of at least 64, never more than there are", () => {
    const rng = createRng(4);
    const sizes = new Set<number>();
    for (let trial = 0; trial < 40; trial++) {
      const ids = Array.from({ length: 1000 }, () => rng.integer(0, 11));
      const { tails } = clusterTargets(config, ids);
      for (const [tail, { rows, labels, counts }] of tails.entries()) {
        sizes.add(rows.length);
        const [start, end] = [config.adaptive.cutoffs[tail] as number, [7, 8, 11][tail] as number];
        const own = ids.flatMap((id, row) => (id >= start && id < end ? [row] : []));
        expect([...rows.subarray(0, own.length)]).toEqual(own);
        expect([...labels.subarray(0, own.length)]).toEqual(own.map((row) => (ids[row] as number) - start));
        expect(counts.reduce((a, b) => a + b)).toBe(own.length);
        expect([labels.length, counts.length]).toEqual([rows.length, rows.length]);
      }
    }
    expect([...sizes].sort((a, b) => a - b)).toEqual([64, 128, 256, 512].filter((size) => sizes.has(size)));
    expect(sizes.size).toBeLessThanOrEqual(4);
    const empty = clusterTargets(config, Array<number>(1000).fill(0));
    expect(empty.tails.map(({ rows }) => rows.length)).toEqual([64, 64, 64]);
    const full = clusterTargets(config, Array<number>(1000).fill(10));
    expect(full.tails.map(({ rows }) => rows.length)).toEqual([64, 64, 1000]);
    const exact = clusterTargets(config, [...Array<number>(128).fill(5), ...Array<number>(200).fill(0)]);
    expect(exact.tails.map(({ rows }) => rows.length)).toEqual([128, 64, 64]);
  });

  it.each([
    [[0, 11], "targets[1] must be an integer in 0…10, got 11"],
    [[-1, 0], "targets[0] must be an integer in 0…10, got -1"],
    [[0.5, 0], "targets[0] must be an integer in 0…10, got 0.5"],
    [[1], "weights must be 1 as the targets, got 2"],
  ])("refuses %j", (targets, message) => {
    expect(() => clusterTargets(config, targets, [1, 1])).toThrow(
      new RangeError(`clusterTargets: ${message}`),
    );
  });

  it("refuses a model without clusters", () => {
    expect(() => clusterTargets({ vocabularySize: 11, adaptive: null }, [1])).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG", path: "adaptive" }),
    );
  });
});

describe("clusterTensors", () => {
  it("holds the same numbers, integers as int32", () => {
    const arrays = clusterTargets(config, [3, 4, 6, 7, 8, 10, 0], [1, 2, 1, 0.5, 1, 0, 3]);
    const tensors = clusterTensors(arrays);
    const flat = [arrays.head, ...arrays.tails].flatMap((part) => Object.entries(part));
    expect(leaves(tensors).map(({ tensor }) => [...tensor.dataSync()])).toEqual(
      flat.map(([, array]) => [...array]),
    );
    expect(leaves(tensors).map(({ tensor }) => tensor.dtype)).toEqual(
      flat.map(([name]) => (name === "labels" || name === "rows" ? "int32" : "float32")),
    );
    disposeTree(tensors);
    expect(tf.memory().numTensors).toBe(0);
  });
});
