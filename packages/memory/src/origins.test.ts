import { createRng, uniforms } from "@infinite-former/random";
import { contractedPositions, segmentPositions } from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { describe, expect, it } from "vitest";
import { config } from "../test/oracle.js";
import {
  absorbOrigins,
  emptyOrigins,
  mergeOrigins,
  type Origins,
  originAt,
  positionOf,
  resetOrigins,
  resolveMemoryConfig,
  segmentStretch,
  uniformOrigins,
} from "./index.js";

const rng = createRng(71);
const { contraction, sampleCount } = config; // τ = .7, M = 40, L = 10

/** Origins after segments of these lengths. */
function after(lengths: readonly number[], settings = config): Origins {
  return lengths.reduce<Origins>((past, length) => absorbOrigins(settings, past, length), emptyOrigins(1));
}

describe("originAt", () => {
  it("finds every vector of a first segment, and none where nothing was absorbed", () => {
    const [row] = after([10]);
    for (const [j, position] of segmentPositions(10).entries()) {
      expect(originAt(row!, position)).toEqual({
        segment: 0,
        age: 0,
        within: expect.closeTo((j + 0.5) / 10),
      });
    }
    expect(originAt(emptyOrigins(1)[0]!, 0.5)).toBeNull();
  });

  it.each([
    ["mixed", config],
    ["midpoints", { ...config, grid: "midpoints" }],
    ["endpoints", { ...config, grid: "endpoints" }],
  ] as const)(
    "finds segments in the stretches (τ^{age+1}, τ^age], away from the borders: %s",
    (_, settings) => {
      const [row] = after([10, 10, 10, 10, 10], settings);
      for (let age = 0; age < 5; age++) {
        const { from, to } = segmentStretch(contraction, 5, age);
        for (const share of [0.2, 0.5, 0.8]) {
          const found = originAt(row!, from + share * (to - from));
          expect(found).toMatchObject({ segment: 4 - age, age });
          // Half a vector for the right ends, and what M = 40 samples tell apart.
          expect(Math.abs((found?.within ?? 0) - share)).toBeLessThan(0.06 + 1 / (sampleCount * (to - from)));
        }
      }
    },
  );

  it("takes along where sticky samples were drawn, whatever they were, over several updates", () => {
    let origins: Origins = absorbOrigins(config, emptyOrigins(2), 10);
    const draws = [0, 1, 2].map(() =>
      [0, 1].map(() => Array.from(uniforms(rng, sampleCount)).sort((a, b) => a - b)),
    );
    for (const positions of draws) origins = absorbOrigins(config, origins, 10, { positions });
    for (const b of [0, 1]) {
      // Sample i of the last update lies at (i + 1)τ/M: follow it back through the draws, by hand.
      for (const i of [0, 7, 20, 39]) {
        const place = draws[2]![b]![i]!;
        const [row] = absorbOrigins(
          config,
          [
            draws
              .slice(0, 2)
              .reduce(
                (past, positions) => absorbOrigins(config, [past], 10, { positions: [positions[b]!] })[0]!,
                after([10])[0]!,
              ),
          ],
          10,
          { active: [0] },
        );
        const want = originAt(row!, place)!;
        const got = originAt(origins[b]!, ((i + 1) * contraction) / sampleCount)!;
        expect(got).toEqual({ ...want, age: want.age + 1 });
      }
    }
  });

  it("finds one place everywhere in [0, τ] where all samples came from it", () => {
    const one = absorbOrigins(config, after([10, 10]), 10, { positions: [Array(sampleCount).fill(0.35)] });
    const want = originAt(after([10, 10])[0]!, 0.35)!;
    expect(want).toMatchObject({ segment: 0 });
    for (const position of [0, 0.1, 0.5, 0.7]) {
      expect(originAt(one[0]!, position)).toEqual({ ...want, age: want.age + 1 });
    }
    expect(originAt(one[0]!, 0.9)).toMatchObject({ segment: 2, age: 0 });
  });

  it("is of constant size after any number of segments", () => {
    const [row] = after(Array(200).fill(10));
    expect(row?.segments).toBe(200);
    expect(row?.positions).toHaveLength(sampleCount + 10);
    expect(JSON.parse(JSON.stringify(row))).toEqual(row);
  });
});

describe("positionOf", () => {
  it("is where the vectors of the newest segment were fitted, and the older ones contracted", () => {
    const [row] = after([10, 10, 10]);
    const places = contractedPositions({ sampleCount, length: 10, contraction }).subarray(sampleCount);
    for (let age = 0; age < 2; age++) {
      for (let j = 0; j < 10; j++) {
        const got = positionOf(row!, 2 - age + (j + 0.5) / 10);
        // Between samples, which are τ/M apart.
        expect(Math.abs(got - places[j]! * contraction ** age)).toBeLessThan(age === 0 ? 1e-12 : 0.01);
      }
    }
  });

  it("is the middle of what a repeated sample fills", () => {
    const positions = [[...Array(30).fill(0.25), ...Array(10).fill(0.75)]];
    const [row] = absorbOrigins(config, after([10]), 10, { positions });
    const middle = (from: number, to: number) => (((from + to) / 2) * contraction) / sampleCount;
    expect(positionOf(row!, 0.25)).toBeCloseTo(middle(1, 30), 12);
    expect(positionOf(row!, 0.75)).toBeCloseTo(middle(31, 40), 12);
  });
});

describe("absorbOrigins", () => {
  it("keeps rows that are not active, starts afresh after a reset and where the memory is wiped", () => {
    const past = absorbOrigins(config, emptyOrigins(2), 10);
    const next = absorbOrigins(config, past, 7, { active: [1, 0] });
    expect(next.map(({ segments }) => segments)).toEqual([2, 1]);
    expect(next[1]).toBe(past[1]);
    const reset = resetOrigins(next, [1, 0]);
    expect(reset.map(({ segments }) => segments)).toEqual([0, 1]);
    expect(absorbOrigins(config, reset, 10)[0]).toEqual(past[0]);
    const wiping = { ...config, wipeAfter: 2 };
    expect(absorbOrigins(wiping, next, 10).map(({ segments }) => segments)).toEqual([1, 2]);
  });

  it("refuses rows that do not fit", () => {
    const past = emptyOrigins(2);
    const filled = absorbOrigins(config, past, 10);
    const cases: [() => unknown, string][] = [
      [
        () => absorbOrigins(config, past, 10, { active: [1] }),
        "absorbOrigins: active must have 2 rows, got 1",
      ],
      [
        () => absorbOrigins(config, past, 10, { positions: [] }),
        "absorbOrigins: positions must have 2 rows, got 0",
      ],
      [
        () => absorbOrigins(config, filled, 10, { positions: [[1], [1]] }),
        "absorbOrigins: positions[0] must be 40 numbers, got 1",
      ],
      [() => resetOrigins(past, [1, 1, 1]), "resetOrigins: ended must have 2 rows, got 3"],
      [() => mergeOrigins(config, past, emptyOrigins(1)), "mergeOrigins: newer must have 2 rows, got 1"],
      [() => segmentStretch(0.5, 3, 3), "segmentStretch: age must be a whole number below 3, got 3"],
    ];
    for (const [call, message] of cases) expect(call).toThrow(message);
  });
});

describe("mergeOrigins", () => {
  it("counts the segments of the newer memory on, each half by its own", () => {
    const [older, newer] = [after([10, 10]), after([10, 10, 10])];
    const [row] = mergeOrigins(config, older, newer);
    expect(row?.segments).toBe(5);
    expect(originAt(row!, 0.2)).toMatchObject({ segment: 0, age: 4 });
    expect(originAt(row!, 0.45)).toMatchObject({ segment: 1, age: 3 });
    expect(originAt(row!, 0.5 + 0.5 * 0.9)).toMatchObject({ segment: 4, age: 0 });
    expect(originAt(row!, 0.5 + 0.5 * 0.3)).toMatchObject({ segment: 2, age: 2 });
    expect(mergeOrigins(config, emptyOrigins(1), newer)).toEqual(newer);
    expect(mergeOrigins(config, older, emptyOrigins(1))).toEqual(older);
  });
});

describe("uniformOrigins", () => {
  it.each([0, 1, 2, 5, 40])(
    "equals the record kept along, but for the borders of segments: %i segments",
    (count) => {
      for (const grid of ["mixed", "midpoints", "endpoints"] as const) {
        const settings = resolveMemoryConfig({ ...config, grid, sampleCount: 400 });
        const [kept] = after(Array(count).fill(10), settings);
        const derived = uniformOrigins(settings, count);
        expect(derived.positions).toEqual(kept?.positions);
        expect(derived.times.every((time, i) => i === 0 || time >= derived.times[i - 1]!)).toBe(true);
        // Half a vector at a border, and old segments narrower than a sample.
        const old = derived.times.filter((_, i) => derived.positions[i]! < 0.05).length;
        expectClose(derived.times.slice(old), kept!.times.slice(old), { abs: 0.1, rel: 0 });
      }
    },
  );
});
