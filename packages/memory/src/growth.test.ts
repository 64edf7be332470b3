import { type Matrix, multiplyByTransposed, transpose } from "@infinite-former/signal";
import { describe, expect, it } from "vitest";
import { type MemoryConfig, resolveMemoryConfig } from "./config.js";
import { updateFits } from "./fits.js";
import { assertBounded, memoryGrowth } from "./growth.js";

/** `‖C^(2^k)‖^(1/2^k)`, which falls to the spectral radius as k grows. */
function gelfand({ carry }: { readonly carry: Matrix }): number {
  let power = carry;
  let logarithm = 0;
  const doublings = 12;
  for (let k = 0; k < doublings; k++) {
    power = multiplyByTransposed(power, transpose(power));
    const largest = power.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    power = { ...power, data: power.data.map((x) => x / largest) };
    logarithm = 2 * logarithm + Math.log(largest);
  }
  return Math.exp(logarithm / 2 ** doublings);
}

const cases: Readonly<Record<string, Partial<MemoryConfig>>> = {
  small: { basisCount: 32, segmentLength: 32, sampleCount: 64 },
  slow: { basisCount: 24, segmentLength: 40, contraction: 0.95, basisWidths: [0.05] },
  "few samples": {
    basisCount: 24,
    basisWidths: [0.005, 0.01],
    contraction: 0.7,
    sampleCount: 20,
    segmentLength: 17,
  },
  "small ridge": {
    basisCount: 32,
    basisWidths: [0.01, 0.05],
    contraction: 0.5,
    ridge: 0.1,
    segmentLength: 8,
  },
};

describe("memoryGrowth", () => {
  it.each(Object.keys(cases))("is the spectral radius of carry: %s", (name) => {
    const config = resolveMemoryConfig(cases[name]);
    const want = gelfand(updateFits(config, config.segmentLength));
    expect(Math.abs(memoryGrowth(config) / want - 1)).toBeLessThan(0.02);
  });

  it("differs by the length of the segments", () => {
    const config = resolveMemoryConfig(cases["small ridge"]);
    expect(memoryGrowth(config)).toBeGreaterThan(1);
    expect(memoryGrowth(config, 64)).toBeLessThan(1);
  });
});

describe("assertBounded", () => {
  it("accepts what fades, and what is wiped in time", () => {
    assertBounded(resolveMemoryConfig(cases["small"]));
    assertBounded(resolveMemoryConfig({ ...cases["few samples"], wipeAfter: 8 }));
  });

  it("refuses what grows, naming the field and the way out", () => {
    expect(() => assertBounded(resolveMemoryConfig(cases["few samples"]), "train")).toThrow(
      expect.objectContaining({
        code: "ERR_CONFIG",
        path: "sampleCount",
        message: expect.stringMatching(
          /^train: sampleCount must be .*, got 20: .* by 3\.\d+; take sampleCount of at least 200,/,
        ),
      }),
    );
    expect(() => assertBounded(resolveMemoryConfig(cases["small ridge"]))).toThrow(
      expect.objectContaining({ path: "ridge" }),
    );
  });
});
