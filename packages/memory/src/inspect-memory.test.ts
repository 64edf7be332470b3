import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, it } from "vitest";
import { config, empty, model, random } from "../test/oracle.js";
import {
  absorb,
  absorbOrigins,
  attentionMass,
  createMemoryPlan,
  emptyOrigins,
  inspectMemory,
  type LongTermMemory,
  recordAttention,
  segmentStretch,
} from "./index.js";

const bins = 10;
const sticky = { ...config, sampling: "sticky", stickyBins: bins } as const;
const plan = createMemoryPlan(config);
const stickyPlan = createMemoryPlan(sticky);
afterAll(() => {
  plan.dispose();
  stickyPlan.dispose();
});

const densities = () => ({
  mean: tf.fill<tf.Rank.R3>([2, 1, 3], 0.35),
  variance: tf.fill<tf.Rank.R3>([2, 1, 3], 1e-4),
});

/** Two rows after three segments; the second has absorbed the last one only. */
function filled(): LongTermMemory {
  return tf.tidy(() => {
    let memory = empty(2);
    for (let n = 0; n < 3; n++) {
      memory = absorb(plan, memory, random([2, 10, model]), { active: tf.tensor1d([1, n === 2 ? 1 : 0]) });
    }
    return { coefficients: memory.coefficients, segments: memory.segments };
  });
}

describe("inspectMemory", () => {
  it("tells of an evenly sampled memory how much of each bin stems from which segment", async () => {
    const memory = filled();
    const [first, second] = await inspectMemory(config, memory, { bins: 20 });
    first?.forEach(({ from, to, attention, segments }, k) => {
      expect([from, to, attention]).toEqual([k / 20, (k + 1) / 20, null]);
      expectClose([segments.reduce((sum, { share }) => sum + share, 0)], [1], { abs: 1e-12 });
      const want = [2, 1, 0].flatMap((age) => {
        const stretch = segmentStretch(config.contraction, 3, age);
        const share = (Math.min(to, stretch.to) - Math.max(from, stretch.from)) * 20;
        return share > 0.1 ? [{ segment: 2 - age, age, share }] : [];
      });
      // Segments meet half-way between two samples, τ/M apart.
      const clear = segments.filter(({ share }) => share > 0.3);
      expect(clear.map(({ segment, age }) => [segment, age])).toEqual(
        want.filter(({ share }) => share > 0.3).map(({ segment, age }) => [segment, age]),
      );
    });
    expect(second?.every(({ segments }) => segments.length === 1 && segments[0]?.age === 0)).toBe(true);
    disposeTree(memory);
  });

  it("tells how much attention each bin got: given mass, or what a sticky memory counted", async () => {
    const memory = filled();
    const looked = densities();
    const mass = attentionMass(bins, looked);
    const given = await inspectMemory(config, memory, { attention: mass });
    const start = { ...memory, attended: tf.zeros<tf.Rank.R2>([2, bins]) };
    const counting = recordAttention(start, looked);
    const origins = [3, 1].map((count) => {
      return Array.from({ length: count }).reduce<ReturnType<typeof emptyOrigins>>(
        (past) => absorbOrigins(config, past, 10),
        emptyOrigins(1),
      )[0]!;
    });
    const counted = await inspectMemory(sticky, counting, { origins });
    for (const rows of [given, counted]) {
      for (const row of rows) {
        expect(row).toHaveLength(bins);
        expectClose(
          row.map(({ attention }) => attention as number),
          [0, 0, 0, 3, 0, 0, 0, 0, 0, 0],
          { abs: 1e-4 },
        );
      }
    }
    disposeTree([memory, looked.mean, looked.variance, mass, start.attended, counting]);
  });

  it("tells where sticky samples came from, and nothing of a row that is empty", async () => {
    const start = empty(2, bins);
    let origins = absorbOrigins(sticky, emptyOrigins(2), 10, { active: [1, 0] });
    const positions = [Array(40).fill(0.9), Array(40).fill(0.9)];
    origins = absorbOrigins(sticky, origins, 10, { active: [1, 0], positions });
    const [first, second] = await inspectMemory(sticky, start, { origins });
    expect(first?.slice(0, 7).map(({ segments }) => segments)).toEqual(
      Array(7).fill([{ segment: 0, age: 1, share: 1 }]),
    );
    expect(first?.[9]?.segments).toEqual([{ segment: 1, age: 0, share: 1 }]);
    expect(second?.every(({ segments, attention }) => segments.length === 0 && attention === 0)).toBe(true);
    expect(JSON.parse(JSON.stringify(first))).toEqual(first);
    disposeTree(start);
  });

  it("refuses what does not fit, and leaves no tensors behind", async () => {
    const [memory, stickyMemory, mass] = [filled(), empty(2, bins), tf.zeros<tf.Rank.R2>([3, bins])];
    const before = tf.memory().numTensors;
    await inspectMemory(config, memory);
    const cases: [() => Promise<unknown>, string][] = [
      [() => inspectMemory(sticky, memory), "inspectMemory: memory.attended must be given"],
      [
        () => inspectMemory(sticky, stickyMemory),
        "inspectMemory: origins must be given where sampling is sticky",
      ],
      [
        () => inspectMemory(config, memory, { attention: mass }),
        "inspectMemory: attention must have shape [batch = 2, bins], got [3, 10]",
      ],
      [
        () => inspectMemory(config, memory, { bins: 0 }),
        "inspectMemory: bins must be a whole number above 0, got 0",
      ],
      [
        () => inspectMemory(config, memory, { origins: emptyOrigins(1) }),
        "inspectMemory: origins must have 2 rows, got 1",
      ],
    ];
    for (const [call, message] of cases) await expect(call()).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([memory, stickyMemory, mass]);
  });
});
