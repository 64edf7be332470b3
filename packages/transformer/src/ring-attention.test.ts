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
}

/** Rows shorter than a vector, of whole vectors, of some and a rest; one task and many; the newest slot anywhere. */
const cases: readonly Sizes[] = [
  { heads: 1, slots: 1, size: 1, slot: 0, reach: [0] },
  { heads: 2, slots: 5, size: 3, slot: 4, reach: [0, 4, 2] },
  { heads: 3, slots: 37, size: 16, slot: 0, reach: [36, 1] },
  { heads: 2, slots: 130, size: 50, slot: 41, reach: [129, 40, 41, 42, 100] },
  { heads: 5, slots: 301, size: 133, slot: 300, reach: [300, 17] },
];

function draw({ heads, slots, size, reach }: Sizes, seed: number) {
  const rng = createRng(seed);
  const batch = reach.length;
  const ring = batch * heads * slots * size;
  return {
    projected: normals(rng.split("projected"), batch * 3 * heads * size),
    keys: normals(rng.split("keys"), ring),
    values: normals(rng.split("values"), ring),
    distances: normals(rng.split("distances"), heads * slots * size),
    contentBias: normals(rng.split("content"), heads * size),
    positionBias: normals(rng.split("position"), heads * size),
  };
}

type Drawn = ReturnType<typeof draw>;

const scale = 0.3;

function tensors(
  { heads, slots, size, slot, reach }: Sizes,
  x: Drawn,
  relative: boolean,
): RingAttentionInput {
  const batch = reach.length;
  const at = tf.scalar(slot, "int32");
  return {
    projected: tf.tensor2d(x.projected, [batch, 3 * heads * size]),
    keys: tf.tensor4d(x.keys, [batch, heads, slots, size]),
    values: tf.tensor4d(x.values, [batch, heads, slots, size]),
    view: ringView(at, tf.tensor1d([...reach], "int32"), slots),
    scale,
    ...(relative && {
      relative: {
        distances: tf.tensor3d(x.distances, [heads, slots, size]),
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

/** The definition in float64, row by row and slot by slot. */
function byDefinition({ heads, slots, size, slot, reach }: Sizes, x: Drawn, relative: boolean) {
  const width = heads * size;
  const [keys, values] = [Float32Array.from(x.keys), Float32Array.from(x.values)];
  const context = new Float64Array(reach.length * width);
  reach.forEach((far, row) => {
    for (let h = 0; h < heads; h++) {
      const own = row * 3 * width + h * size;
      const ring = (row * heads + h) * slots;
      for (let d = 0; d < size; d++) {
        keys[(ring + slot) * size + d] = x.projected[own + width + d] as number;
        values[(ring + slot) * size + d] = x.projected[own + 2 * width + d] as number;
      }
      const weights = Array.from({ length: slots }, (_, j) => {
        const distance = (slot - j + slots) % slots;
        if (distance > far) return 0;
        let score = 0;
        for (let d = 0; d < size; d++) {
          const q = x.projected[own + d] as number;
          const [u, v] = [x.contentBias, x.positionBias].map((bias) => bias[h * size + d] as number);
          score += (q + (relative ? (u as number) : 0)) * (keys[(ring + j) * size + d] as number);
          const r = x.distances[(h * slots + slots - 1 - distance) * size + d] as number;
          if (relative) score += (q + (v as number)) * r;
        }
        return Math.exp(score * scale);
      });
      const total = weights.reduce((a, b) => a + b);
      weights.forEach((weight, j) => {
        for (let d = 0; d < size; d++) {
          context[row * width + h * size + d]! +=
            (weight / total) * (values[(ring + j) * size + d] as number);
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
      const long = tf.zeros<tf.Rank.R3>([2, 6, 3]);
      const bias = tf.zeros<tf.Rank.R2>([3, 2]);
      const reach = tf.tensor1d([1], "int32");
      const made = tf.memory().numTensors;
      expect(refusal({ view: { ...good.view, slot } })).toThrow("slot must be in [0, 5), got 5");
      expect(refusal({ view: { ...good.view, reach } })).toThrow("reach must have shape [batch], got [1]");
      expect(refusal({ projected: few })).toThrow("projected must have shape [2, 18], got [2, 17]");
      expect(refusal({ values: narrow })).toThrow("values must have the shape of keys, got [2, 2, 5, 4]");
      expect(refusal({ relative: { ...relative, distances: long } })).toThrow(
        "distances must have shape [2, 5, 3], got [2, 6, 3]",
      );
      expect(refusal({ relative: { ...relative, positionBias: bias } })).toThrow(
        "biases must have shape [2, 3], got [3, 2]",
      );
      expect(tf.memory().numTensors).toBe(made);
      expect(made).toBe(before + 6);
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
