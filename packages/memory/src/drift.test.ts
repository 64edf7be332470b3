import { createRng, type Rng, uniforms } from "@infinite-former/random";
import { type Matrix, multiplyByTransposed, multiplyTransposed, transpose } from "@infinite-former/signal";
import { describe, expect, it } from "vitest";
import { type MemoryConfig, resolveMemoryConfig } from "./config.js";
import { updateFits } from "./fits.js";

/** The sorting model of the authors, their language models, and small ones. */
const configs: Readonly<Record<string, MemoryConfig>> = {
  sorting: resolveMemoryConfig(),
  language: resolveMemoryConfig({
    basisWidths: [0.005, 0.01],
    contraction: 0.5,
    ridge: 0.5,
    segmentLength: 512,
  }),
  paper: resolveMemoryConfig({ basisCount: 150, segmentLength: 512, grid: "endpoints", padding: "none" }),
  quarter: resolveMemoryConfig({ basisCount: 128, segmentLength: 256, sampleCount: 128 }),
  small: resolveMemoryConfig({ basisCount: 32, segmentLength: 32, sampleCount: 64 }),
  "a token at a time": resolveMemoryConfig({ basisCount: 64, segmentLength: 1 }),
  "slow to forget": resolveMemoryConfig({ basisCount: 64, segmentLength: 64, contraction: 0.95 }),
};
const product = (a: Matrix, b: Matrix): Matrix => multiplyByTransposed(a, transpose(b));

/** `max_i Σ_j |A_ij|`: the norm that belongs to the largest absolute value of a vector. */
function largestRowSum({ rows, columns, data }: Matrix): number {
  let largest = 0;
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += Math.abs(data[i * columns + j] as number);
    largest = Math.max(largest, sum);
  }
  return largest;
}

interface Bound {
  /** Updates after which what is remembered is halved for good. */
  readonly halved: number;
  readonly coefficients: number;
}

/**
 * A bound on every coefficient, after any number of segments with entries in
 * [−1, 1]: with `C = carry`, `B_n = Σ_k C^k take X_{n−k} + C^n first X_0`. Once
 * `‖C^K‖ ≤ ½` the terms from K on add up to no more than those before.
 */
function bound(config: MemoryConfig): Bound {
  const { carry, take, first } = updateFits(config, config.segmentLength);
  let power = carry;
  let [sum, largest] = [1, 1];
  for (let k = 1; k <= 400; k++) {
    const size = largestRowSum(power);
    if (size <= 0.5) {
      return { halved: k, coefficients: 2 * sum * largestRowSum(take) + largest * largestRowSum(first) };
    }
    sum += size;
    largest = Math.max(largest, size);
    power = product(power, carry);
  }
  return { halved: Number.POSITIVE_INFINITY, coefficients: Number.POSITIVE_INFINITY };
}

/** Coefficients segment after segment, in float64 and as float32 hardware would have them. */
function* recursion(config: MemoryConfig, segments: number, rng: Rng) {
  const { carry, take } = updateFits(config, config.segmentLength);
  const { basisCount: count, segmentLength: length } = config;
  const single = Float32Array.from(carry.data);
  // Sixteen random segments in random order.
  const added = Array.from({ length: 16 }, () => {
    const x = { rows: length, columns: 1, data: Float64Array.from(uniforms(rng, length, -1, 1)) };
    return multiplyTransposed(transpose(take), x).data;
  });
  let [double, float] = [new Float64Array(count), new Float32Array(count)];
  for (let n = 0; n < segments; n++) {
    const next = Float64Array.from(added[rng.integer(0, added.length)] as Float64Array);
    const nextFloat = Float32Array.from(next);
    for (let i = 0; i < count; i++) {
      let [sum, rounded] = [0, 0];
      for (let j = 0; j < count; j++) {
        sum += (carry.data[i * count + j] as number) * (double[j] as number);
        rounded = Math.fround(
          rounded + Math.fround((single[i * count + j] as number) * (float[j] as number)),
        );
      }
      next[i] = (next[i] as number) + sum;
      nextFloat[i] = (nextFloat[i] as number) + rounded;
    }
    [double, float] = [next, nextFloat];
    let [size, difference] = [0, 0];
    for (let j = 0; j < count; j++) {
      size = Math.max(size, Math.abs(double[j] as number));
      difference = Math.max(difference, Math.abs((double[j] as number) - (float[j] as number)));
    }
    yield { size, difference };
  }
}

describe("coefficients over many segments", () => {
  const bounds = new Map<string, Bound>();
  const boundOf = (name: string): Bound => {
    const found = bounds.get(name) ?? bound(configs[name] as MemoryConfig);
    bounds.set(name, found);
    return found;
  };

  it.each(Object.keys(configs))("are bounded whatever is read, and the past fades: %s", (name) => {
    const { halved, coefficients } = boundOf(name);
    expect(halved).toBeLessThan(name === "slow to forget" ? 120 : 40);
    expect(coefficients).toBeLessThan(1e5); // far above what random segments reach, far below what float32 holds
  });

  it.each([
    ["small", 10_000_000],
    ["quarter", 2_000_000],
    ["sorting", 200 * 1024],
    ["language", 200 * 512],
  ] as const)(
    "stay as large and as exact in float32 as they were at first: %s, %i tokens",
    (name, tokens) => {
      const config = configs[name] as MemoryConfig;
      const segments = Math.ceil(tokens / config.segmentLength);
      const limit = boundOf(name).coefficients;
      let [early, late, largest, smallest] = [0, 0, 0, Number.POSITIVE_INFINITY];
      let n = 0;
      for (const { size, difference } of recursion(config, segments, createRng(17))) {
        if (n < segments / 10) early = Math.max(early, difference / size);
        else late = Math.max(late, difference / size);
        largest = Math.max(largest, size);
        if (n > 0) smallest = Math.min(smallest, size);
        n++;
      }
      expect(n).toBe(segments);
      expect(largest).toBeLessThan(limit);
      expect(largest).toBeLessThan(20 * smallest);
      // A few hundred roundings of 6e-8, times what the fit enlarges; ten times as many draws find a larger maximum.
      expect(early).toBeLessThan(2e-4);
      expect(late).toBeLessThan(2 * early);
    },
  );
});
