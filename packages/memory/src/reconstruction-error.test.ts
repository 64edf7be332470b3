import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, it } from "vitest";
import { config, empty, model, random } from "../test/oracle.js";
import {
  absorb,
  absorbOrigins,
  createMemoryPlan,
  emptyOrigins,
  type LongTermMemory,
  type MemoryPlan,
  merge,
  mergeOrigins,
  type Origins,
  positionOf,
  reconstructionError,
} from "./index.js";

const sticky = { ...config, sampling: "sticky", stickyBins: 8 } as const;
const plan = createMemoryPlan(config);
const stickyPlan = createMemoryPlan(sticky);
afterAll(() => {
  plan.dispose();
  stickyPlan.dispose();
});

/** `x̄(t)` of a row by the definition: Gaussians, one by one. */
function signal(memory: LongTermMemory, own: MemoryPlan, b: number, t: number): number[] {
  const { centers, widths } = own.basis as { centers: ArrayLike<number>; widths: ArrayLike<number> };
  const coefficients = memory.coefficients.arraySync()[b] as number[][];
  return Array.from({ length: model }, (_, e) =>
    coefficients.reduce((sum, row, j) => {
      const width = widths[j] as number;
      const z = (t - (centers[j] as number)) / width;
      return sum + (row[e] as number) * (Math.exp((-z * z) / 2) / (width * Math.sqrt(2 * Math.PI)));
    }, 0),
  );
}

/** Relative squared error of vectors that lie at `places`. */
function errorAt(
  memory: LongTermMemory,
  own: MemoryPlan,
  b: number,
  segment: tf.Tensor3D,
  places: number[],
): number {
  const truth = segment.arraySync()[b] as number[][];
  let [error, size] = [0, 0];
  places.forEach((t, j) => {
    const got = signal(memory, own, b, t);
    got.forEach((value, e) => {
      const wanted = truth[j]?.[e] as number;
      error += (value - wanted) ** 2;
      size += wanted ** 2;
    });
  });
  return error / size;
}

/** A memory of two rows after segments of these lengths, and the segments. */
function filled(lengths: readonly number[]): [LongTermMemory, tf.Tensor3D[]] {
  const segments = lengths.map((length) => random([2, length, model]));
  let memory = empty(2);
  for (const segment of segments) {
    const next = absorb(plan, memory, segment);
    disposeTree(memory);
    memory = next;
  }
  return [memory, segments];
}

describe("reconstructionError", () => {
  it("equals the definition in float64 where sampling is even, every segment at its place", async () => {
    const [memory, segments] = filled([10, 7, 10]);
    const τ = config.contraction;
    const first = Array.from({ length: 10 }, (_, j) => ((j + 0.5) / 10) * τ * τ);
    const later = (length: number, age: number) =>
      Array.from({ length }, (_, j) => (τ + ((1 - τ) * (j + 1)) / length) * τ ** age);
    const got = await reconstructionError(plan, memory, segments);
    for (const b of [0, 1]) {
      const places = [later(10, 0), later(7, 1), first];
      const want = places.map((at, age) => errorAt(memory, plan, b, segments[2 - age] as tf.Tensor3D, at));
      expectClose(got[b] as number[], want, { abs: 1e-12, rel: 1e-12 });
    }
    disposeTree([memory, segments]);
  });

  it("follows the vectors through the draws of sticky sampling, in float64", async () => {
    const segments = [0, 1].map(() => random([2, 10, model]));
    // All but ascending pairs: every sample within the third of the first segment's vectors.
    const draws = [0, 1].map((b) =>
      Array.from({ length: 40 }, (_, i) => (b === 0 ? 0.2 + (0.2 * (i + 1)) / 40 : (i + 1) / 40)),
    );
    let memory = empty(2, 8);
    let origins: Origins = emptyOrigins(2);
    for (const segment of segments) {
      const positions = tf.tensor2d(draws);
      const next = absorb(stickyPlan, memory, segment, { positions });
      origins = absorbOrigins(sticky, origins, 10, { positions: await positions.array() });
      disposeTree([memory, positions]);
      memory = next;
    }
    const got = await reconstructionError(stickyPlan, memory, segments, { origins });
    const τ = config.contraction;
    for (const b of [0, 1]) {
      const newest = Array.from({ length: 10 }, (_, j) => τ + ((1 - τ) * (j + 1)) / 10);
      // Vector j lay at (j + ½)/10, which sample i = 40 (t − .2)/.2 (or 40 t) took along to (i/40) τ.
      const oldest = Array.from({ length: 10 }, (_, j) => {
        const t = (j + 0.5) / 10;
        return (b === 0 ? (t - 0.2) / 0.2 : t) * τ;
      });
      const seen = b === 0 ? [2, 3] : Array.from({ length: 8 }, (_, j) => j + 1);
      expectClose(
        [(got[b] as number[])[0] as number],
        [errorAt(memory, stickyPlan, b, segments[1] as tf.Tensor3D, newest)],
        { abs: 1e-6, rel: 1e-6 },
      );
      // The vectors that samples enclose; the record puts the others at its ends.
      for (const j of seen) {
        const found = positionOf(origins[b] as Origins[number], (j + 0.5) / 10);
        expect(Math.abs(found - (oldest[j] as number))).toBeLessThan(b === 0 ? 1e-6 : 0.01);
      }
      const places = Array.from({ length: 10 }, (_, j) =>
        positionOf(origins[b] as Origins[number], (j + 0.5) / 10),
      );
      expectClose(
        [(got[b] as number[])[1] as number],
        [errorAt(memory, stickyPlan, b, segments[0] as tf.Tensor3D, places)],
        { abs: 1e-12, rel: 1e-12 },
      );
    }
    disposeTree([memory, segments]);
  });

  it("gives sticky samples of one segment more of it back than even ones, and less of the others", async () => {
    const wave = (phase: number) => {
      return tf.tensor3d(
        Array.from({ length: 40 }, (_, j) => Math.sin(phase + (j * 2 * Math.PI) / 13)),
        [1, 40, 1],
      );
    };
    const segments = [0.1, 1.2, 2.3, 3.4, 4.5, 5.6].map(wave);
    using even = createMemoryPlan({ ...config, basisCount: 64, basisWidths: [0.01, 0.03], sampleCount: 128 });
    using own = createMemoryPlan({ ...even.config, sampling: "sticky", stickyBins: 32 });
    const start = { coefficients: tf.zeros<tf.Rank.R3>([1, 64, 1]), segments: tf.zeros<tf.Rank.R1>([1]) };
    const errors = async (chosen: MemoryPlan, from: (n: number) => [number, number]) => {
      let memory: LongTermMemory =
        chosen === even ? start : { ...start, attended: tf.zeros<tf.Rank.R2>([1, 32]) };
      let origins: Origins = emptyOrigins(1);
      for (const [n, segment] of segments.entries()) {
        const [low, high] = from(n);
        const at = Array.from({ length: 128 }, (_, i) => low + ((high - low) * (i + 1)) / 128);
        const drawn = chosen === even ? {} : { positions: tf.tensor2d([at]) };
        memory = absorb(chosen, memory, segment, drawn);
        origins = absorbOrigins(chosen.config, origins, 40, { positions: [at] });
      }
      return (await reconstructionError(chosen, memory, segments, { origins }))[0] as number[];
    };
    tf.engine().startScope();
    const uniform = await errors(even, () => [0, 1]);
    // The first segment all the time: [0, 1] at first, [0, τ] from then on.
    const looked = await errors(own, (n) => (n <= 1 ? [0, 1] : [0, config.contraction]));
    tf.engine().endScope();
    expect(looked[5]).toBeLessThan(0.2 * (uniform[5] as number));
    expect(looked[1]).toBeGreaterThan(2 * (uniform[1] as number));
    expectClose([looked[0] as number], [uniform[0] as number], { abs: 0.05 });
  });

  it("knows the segments of a merged memory", async () => {
    const [older, first] = filled([10, 10]);
    const [newer, second] = filled([10]);
    const origins = mergeOrigins(
      config,
      absorbOrigins(config, absorbOrigins(config, emptyOrigins(2), 10), 10),
      absorbOrigins(config, emptyOrigins(2), 10),
    );
    const merged = merge(plan, older, newer);
    const got = await reconstructionError(plan, merged, [...first, ...second], { origins });
    for (const b of [0, 1]) {
      expect(got[b]).toHaveLength(3);
      const places = Array.from({ length: 10 }, (_, j) => 0.5 + (0.5 * (j + 0.5)) / 10);
      const want = errorAt(merged, plan, b, second[0] as tf.Tensor3D, places);
      // To what the samples, i/M, tell of the places.
      expectClose([(got[b] as number[])[0] as number], [want], { abs: 0.05 });
    }
    disposeTree([older, newer, merged, first, second]);
  });

  it("counts by row what it has absorbed since its last reset, as far as the past is given", async () => {
    const [memory, segments] = filled([10, 10, 10]);
    const counts = { ...memory, segments: tf.tensor1d([3, 2]) };
    const all = await reconstructionError(plan, memory, segments);
    const some = await reconstructionError(plan, counts, segments);
    expect(some.map(({ length }) => length)).toEqual([3, 2]);
    expect(some[0]).toEqual(all[0]);
    const newest = await reconstructionError(plan, memory, segments.slice(1));
    expect(newest).toEqual(all.map((row) => row.slice(0, 2)));
    const zeros = { ...memory, coefficients: tf.zerosLike(memory.coefficients) };
    const silent = [tf.zeros<tf.Rank.R3>([2, 10, model]), ...segments.slice(1)];
    expect(await reconstructionError(plan, zeros, silent)).toEqual([
      [1, 1, 0],
      [1, 1, 0],
    ]);
    disposeTree([memory, counts.segments, zeros.coefficients, silent, segments]);
  });

  it("refuses what does not fit, and leaves no tensors behind", async () => {
    const [memory, segments] = filled([10]);
    const [stickyMemory, wide] = [empty(2, 8), random([2, 10, 4])];
    const before = tf.memory().numTensors;
    await reconstructionError(plan, memory, segments);
    const foreign = { ...memory, coefficients: wide as tf.Tensor3D };
    const cases: [() => Promise<unknown>, string][] = [
      [
        () => reconstructionError(plan, foreign, segments),
        "reconstructionError: memory.coefficients must have shape [batch, basis = 16, model], got [2, 10, 4]",
      ],
      [
        () => reconstructionError(plan, memory, [...segments, wide]),
        "reconstructionError: past.1 must have shape [batch = 2, length, model = 3], got [2, 10, 4]",
      ],
      [
        () => reconstructionError(stickyPlan, stickyMemory, segments),
        "reconstructionError: origins must be given where sampling is sticky, got none",
      ],
      [
        () => reconstructionError(plan, memory, segments, { origins: emptyOrigins(3) }),
        "reconstructionError: origins must have 2 rows, got 3",
      ],
      [
        () => reconstructionError(plan, memory, segments, { origins: emptyOrigins(2) }),
        "reconstructionError: origins[0].segments must be 1 as in the memory, got 0",
      ],
    ];
    for (const [call, message] of cases) await expect(call()).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([memory, stickyMemory, segments, wide]);
  });
});
