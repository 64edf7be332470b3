import { createRng, normals } from "@infinite-former/random";
import { hasKernel } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { type RingAttentionInput, ringAttention, ringView } from "./ring-attention.js";

const fused = "InfiniteFormerRingAttention";

interface Sizes {
  readonly heads: number;
  readonly slots: number;
  readonly size: number;
  readonly slot: number;
  /** One a row of the batch. */
  readonly reach: readonly number[];
  /** Rows behind the ring, and how many of them each row of the batch sees. */
  readonly older?: { readonly rows: number; readonly count: readonly number[] };
  /** Rows of the table beyond those needed, of which each row of the batch leaves so many at the end. */
  readonly spare?: { readonly rows: number; readonly left: readonly number[] };
}

/** Rows shorter than a vector, of whole vectors, of some and a rest; one task and many; the newest slot anywhere. */
const cases: readonly Sizes[] = [
  { heads: 1, slots: 1, size: 1, slot: 0, reach: [0] },
  { heads: 2, slots: 5, size: 3, slot: 4, reach: [0, 4, 2] },
  { heads: 3, slots: 37, size: 16, slot: 0, reach: [36, 1] },
  { heads: 2, slots: 130, size: 50, slot: 41, reach: [129, 40, 41, 42, 100] },
  { heads: 5, slots: 301, size: 133, slot: 300, reach: [300, 17] },
  { heads: 2, slots: 9, size: 20, slot: 3, reach: [8, 2], older: { rows: 35, count: [35, 0] } },
  {
    ...{ heads: 3, slots: 19, size: 5, slot: 18, reach: [18, 7, 0] },
    older: { rows: 6, count: [1, 6, 3] },
    spare: { rows: 4, left: [0, 4, 3] },
  },
];

/** Rows of the table. */
function tableRows({ slots, older, spare }: Sizes): number {
  return slots + (older?.rows ?? 0) + (spare?.rows ?? 0);
}

function draw(sizes: Sizes, seed: number) {
  const { heads, slots, size, reach, older } = sizes;
  const rng = createRng(seed);
  const batch = reach.length;
  const ring = batch * heads * slots * size;
  const behind = batch * heads * (older?.rows ?? 0) * size;
  return {
    projected: normals(rng.split("projected"), batch * 3 * heads * size),
    keys: normals(rng.split("keys"), ring),
    values: normals(rng.split("values"), ring),
    olderKeys: normals(rng.split("older keys"), behind),
    olderValues: normals(rng.split("older values"), behind),
    distances: normals(rng.split("distances"), heads * tableRows(sizes) * size),
    contentBias: normals(rng.split("content"), heads * size),
    positionBias: normals(rng.split("position"), heads * size),
  };
}

type Drawn = ReturnType<typeof draw>;

const scale = 0.3;

function tensors(sizes: Sizes, x: Drawn, relative: boolean): RingAttentionInput {
  const { heads, slots, size, slot, reach, older, spare } = sizes;
  const batch = reach.length;
  const ints = (values: readonly number[]) => tf.tensor1d([...values], "int32");
  const rows = tableRows(sizes);
  const at = tf.scalar(slot, "int32");
  return {
    projected: tf.tensor2d(x.projected, [batch, 3 * heads * size]),
    keys: tf.tensor4d(x.keys, [batch, heads, slots, size]),
    values: tf.tensor4d(x.values, [batch, heads, slots, size]),
    view: ringView(at, tf.tensor1d([...reach], "int32"), slots),
    scale,
    ...(older && {
      older: {
        keys: tf.tensor4d(x.olderKeys, [batch, heads, older.rows, size]),
        values: tf.tensor4d(x.olderValues, [batch, heads, older.rows, size]),
        count: ints(older.count),
      },
    }),
    ...(relative && {
      relative: {
        distances: tf.tensor3d(x.distances, [heads, rows, size]),
        ...(spare && { origin: ints(spare.left.map((left) => rows - 1 - left)) }),
        contentBias: tf.tensor2d(x.contentBias, [heads, size]),
        positionBias: tf.tensor2d(x.positionBias, [heads, size]),
      },
    }),
  };
}

const parts = ["context", "keys", "values"] as const;

function attended(sizes: Sizes, x: Drawn, relative: boolean) {
  return tf.tidy(() => {
    const out = ringAttention(tensors(sizes, x, relative));
    return parts.map((part) => out[part].dataSync().slice() as Float32Array);
  });
}

/** The definition in float64, row by row and key by key. */
function byDefinition(sizes: Sizes, x: Drawn, relative: boolean) {
  const { heads, slots, size, slot, reach, older = { rows: 0, count: [] }, spare } = sizes;
  const width = heads * size;
  const rows = tableRows(sizes);
  const [keys, values] = [Float32Array.from(x.keys), Float32Array.from(x.values)];
  const context = new Float64Array(reach.length * width);
  reach.forEach((far, row) => {
    for (let h = 0; h < heads; h++) {
      const own = row * 3 * width + h * size;
      const [ring, behind] = [(row * heads + h) * slots, (row * heads + h) * older.rows];
      for (let d = 0; d < size; d++) {
        keys[(ring + slot) * size + d] = x.projected[own + width + d] as number;
        values[(ring + slot) * size + d] = x.projected[own + 2 * width + d] as number;
      }
      const seen: { distance: number; key: ArrayLike<number>; value: ArrayLike<number> }[] = [];
      const see = (distance: number, k: Float32Array, v: Float32Array, at: number) => {
        const [from, to] = [at * size, (at + 1) * size];
        seen.push({ distance, key: k.subarray(from, to), value: v.subarray(from, to) });
      };
      for (let j = 0; j < slots; j++) {
        const distance = (slot - j + slots) % slots;
        if (distance <= far) see(distance, keys, values, ring + j);
      }
      for (let i = 1; i <= (older.count[row] ?? 0); i++) {
        see(far + i, x.olderKeys, x.olderValues, behind + older.rows - i);
      }
      const weights = seen.map(({ distance, key }) => {
        let score = 0;
        for (let d = 0; d < size; d++) {
          const q = x.projected[own + d] as number;
          const [u, v] = [x.contentBias, x.positionBias].map((bias) => bias[h * size + d] as number);
          score += (q + (relative ? (u as number) : 0)) * (key[d] as number);
          const r = x.distances[(h * rows + rows - 1 - (spare?.left[row] ?? 0) - distance) * size + d];
          if (relative) score += (q + (v as number)) * (r as number);
        }
        return Math.exp(score * scale);
      });
      const total = weights.reduce((a, b) => a + b);
      weights.forEach((weight, j) => {
        for (let d = 0; d < size; d++) {
          context[row * width + h * size + d]! += (weight / total) * (seen[j]?.value[d] as number);
        }
      });
    }
  });
  return [context, keys, values];
}

/** Scores of some tens, each a float32 sum of up to 266 products. */
const sameNumbers = { abs: 2e-5, rel: 2e-5 };

describe("ringAttention", () => {
  it.each([true, false])(
    "equals its definition in float64 and writes the rings, with distances: %s",
    (relative) => {
      for (const sizes of cases) {
        const x = draw(sizes, 3);
        const want = byDefinition(sizes, x, relative);
        attended(sizes, x, relative).forEach((got, i) => {
          expectClose(got, want[i] as Float32Array, {
            ...sameNumbers,
            name: `${parts[i]} of ${sizes.slots}`,
          });
        });
      }
    },
  );

  it("has the numbers of the composed form where it is one kernel", ({ skip }) => {
    if (!hasKernel(fused)) skip("this backend has no fused ring attention");
    for (const sizes of cases) {
      for (const relative of [true, false]) {
        const x = draw(sizes, 4);
        const got = attended(sizes, x, relative);
        expect(attended(sizes, x, relative)).toEqual(got);
        const kernel = tf.getKernel(fused, "tensorflow") as tf.KernelConfig;
        tf.unregisterKernel(kernel.kernelName, kernel.backendName);
        try {
          attended(sizes, x, relative).forEach((want, i) => {
            expectClose(got[i] as Float32Array, want, {
              ...sameNumbers,
              name: `${parts[i]} of ${sizes.slots}`,
            });
          });
        } finally {
          tf.registerKernel(kernel);
        }
      }
    }
  });

  it("reads nothing of what a row does not see", () => {
    const sizes: Sizes = { heads: 2, slots: 40, size: 20, slot: 25, reach: [7, 39] };
    const x = draw(sizes, 5);
    const want = attended(sizes, x, true)[0] as Float32Array;
    for (const ring of [x.keys, x.values]) ring.fill(1e6, 0, 18 * 20).fill(-1e6, 26 * 20, 40 * 20);
    const got = attended(sizes, x, true)[0] as Float32Array;
    expectClose(got.subarray(0, 20), want.subarray(0, 20), { abs: 0, rel: 0 });
    expectClose(got.subarray(40), want.subarray(40), { abs: 0, rel: 0 });
  });

  it("sees every slot where the reach is beyond the ring", () => {
    const sizes = { heads: 2, slots: 21, size: 9, slot: 3 };
    const x = draw({ ...sizes, reach: [0, 0] }, 6);
    const far = attended({ ...sizes, reach: [500, 21] }, x, true);
    expect(far).toEqual(attended({ ...sizes, reach: [20, 20] }, x, true));
  });

  it("refuses shapes and slots that do not fit where it is one kernel, and leaves no tensors behind", ({
    skip,
  }) => {
    if (!hasKernel(fused)) skip("this backend has no fused ring attention");
    tf.tidy(() => {
      const sizes: Sizes = { heads: 2, slots: 5, size: 3, slot: 4, reach: [1, 2] };
      const good = tensors(sizes, draw(sizes, 7), true);
      const before = tf.memory().numTensors;
      const refusal = (change: Partial<RingAttentionInput>): (() => unknown) => {
        return () => ringAttention({ ...good, ...change });
      };
      const slot = tf.scalar(5, "int32");
      const relative = good.relative as NonNullable<typeof good.relative>;
      const few = tf.zeros<tf.Rank.R2>([2, 17]);
      const narrow = tf.zeros<tf.Rank.R4>([2, 2, 5, 4]);
      const wide = tf.zeros<tf.Rank.R3>([2, 5, 4]);
      const short = tf.zeros<tf.Rank.R3>([2, 2, 3]);
      const bias = tf.zeros<tf.Rank.R2>([3, 2]);
      const reach = tf.tensor1d([1], "int32");
      const made = tf.memory().numTensors;
      expect(refusal({ view: { ...good.view, slot } })).toThrow("slot must be in [0, 5), got 5");
      expect(refusal({ view: { ...good.view, reach } })).toThrow("reach must have shape [batch], got [1]");
      expect(refusal({ projected: few })).toThrow("projected must have shape [2, 18], got [2, 17]");
      expect(refusal({ values: narrow })).toThrow("values must have the shape of keys, got [2, 2, 5, 4]");
      expect(refusal({ relative: { ...relative, distances: wide } })).toThrow(
        "distances must have shape [2, rows, 3], got [2, 5, 4]",
      );
      expect(refusal({ relative: { ...relative, distances: short } })).toThrow(
        "distances must have a row for each that is seen, got 2",
      );
      expect(refusal({ relative: { ...relative, origin: reach } })).toThrow(
        "origin must have shape [batch], got [1]",
      );
      const older = { keys: narrow, values: narrow, count: good.view.reach };
      expect(refusal({ older })).toThrow(
        "older keys must have shape [batch, heads, rows, size], got [2, 2, 5, 4]",
      );
      expect(refusal({ older: { ...older, keys: good.keys } })).toThrow(
        "older values must have the shape of older keys, got [2, 2, 5, 4]",
      );
      expect(refusal({ older: { keys: good.keys, values: good.values, count: reach } })).toThrow(
        "older must have shape [batch], got [1]",
      );
      expect(refusal({ relative: { ...relative, positionBias: bias } })).toThrow(
        "biases must have shape [2, 3], got [3, 2]",
      );
      expect(tf.memory().numTensors).toBe(made);
      expect(made).toBe(before + 7);
    });
  });

  it("gives three tensors and leaves no others behind", () => {
    const sizes = cases[1] as Sizes;
    tf.tidy(() => {
      const input = tensors(sizes, draw(sizes, 8), true);
      const before = tf.memory().numTensors;
      ringAttention(input);
      expect(tf.memory().numTensors).toBe(before + 3);
    });
  });
});
