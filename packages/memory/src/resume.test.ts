import { createRng, uniforms } from "@infinite-former/random";
import { disposeTree, tidyTree } from "@infinite-former/tensor";
import { expectSameTree } from "@infinite-former/tooling-vitest/same-tree";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { config, empty, model } from "../test/oracle.js";
import {
  absorb,
  createMemoryPlan,
  fork,
  fromBytes,
  type LongTermMemory,
  layerPositions,
  type MemoryConfig,
  type MemoryPlan,
  merge,
  recordAttention,
  resetRows,
  toBytes,
} from "./index.js";

const exactly = { abs: 0, rel: 0 };
const sticky = { ...config, sampling: "sticky", stickyBins: 9 } as const;
const configs: [string, MemoryConfig][] = [
  ["uniform", config],
  ["sticky", sticky],
  ["sticky within bins, wiped", { ...sticky, stickyPositions: "within-bin", wipeAfter: 5 }],
];

/** What a memory reads in segment `n`: the same whoever reads it. */
function read(plan: MemoryPlan, past: LongTermMemory, n: number): LongTermMemory {
  return tidyTree(() => {
    const rng = createRng(100 + n);
    const numbers = (count: number, from: number, to: number) => uniforms(rng, count, from, to);
    const segment = tf.tensor3d(numbers(3 * 10 * model, -1, 1), [3, 10, model]);
    const looked = recordAttention(past, {
      mean: tf.tensor3d(numbers(3 * 2 * 5, 0, 1), [3, 2, 5]),
      variance: tf.tensor3d(numbers(3 * 2 * 5, 1e-4, 1e-2), [3, 2, 5]),
    });
    const seeds = tf.tensor2d([1, 0, 2, 0, 3, 0], [3, 2], "int32");
    const [positions] = layerPositions(plan.config, [looked], seeds);
    const active = tf.tensor1d([1, 1, n % 3 === 0 ? 0 : 1]);
    const next = absorb(plan, looked, segment, positions ? { active, positions } : { active });
    return n === 4 ? resetRows(next, tf.tensor1d([0, 1, 0])) : next;
  });
}

/** The memory after segments `from` to `to`; takes `memory` over. */
function readAll(plan: MemoryPlan, memory: LongTermMemory, from: number, to: number): LongTermMemory {
  let now = memory;
  for (let n = from; n < to; n++) {
    const next = read(plan, now, n);
    disposeTree(now);
    now = next;
  }
  return now;
}

const start = ({ sampling, stickyBins }: MemoryConfig) => {
  return empty(3, sampling === "sticky" ? stickyBins : undefined);
};

describe.each(configs)("a memory that was put by, %s", (_, settings) => {
  it("goes on after toBytes and fromBytes as if it had never stopped, bit for bit", async () => {
    const plan = createMemoryPlan(settings);
    const through = readAll(plan, start(settings), 0, 9);
    for (const stop of [0, 1, 4, 6]) {
      const before = readAll(plan, start(settings), 0, stop);
      const bytes = await toBytes(settings, before);
      disposeTree(before);
      plan.dispose(); // as a new process would, which makes its plan anew
      const restored = fromBytes(bytes, settings, { batch: 3, modelSize: model });
      const after = readAll(plan, restored, stop, 9);
      expectSameTree(after, through, exactly);
      disposeTree(after);
    }
    disposeTree(through);
    plan.dispose();
  });

  it("goes on alike in every fork, and in a merge of forks", () => {
    using plan = createMemoryPlan(settings);
    const past = readAll(plan, start(settings), 0, 4);
    const [one, two] = [fork(past), fork(past, [0, 1, 2])];
    const both = [one, two].map((memory) => readAll(plan, memory, 4, 8)) as [LongTermMemory, LongTermMemory];
    expectSameTree(both[0], both[1], exactly);
    const merged = [merge(plan, past, both[0]), merge(plan, past, both[1])] as const;
    const later = merged.map((memory) => readAll(plan, memory, 8, 9)) as [LongTermMemory, LongTermMemory];
    expectSameTree(later[0], later[1], exactly);
    expect(Array.from(later[0].segments.dataSync()).every((count) => count > 0)).toBe(true);
    disposeTree([past, both, later]);
  });
});
