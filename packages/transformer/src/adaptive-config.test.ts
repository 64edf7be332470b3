import { describe, expect, it } from "vitest";
import { type AdaptiveConfig, clustersOf } from "./adaptive-config.js";
import { resolveCompressiveTransformerConfig } from "./compressive-config.js";
import { resolveInfiniteFormerConfig, resolveTransformerXlConfig } from "./config.js";

const sizes = {
  vocabularySize: 11,
  layers: 1,
  modelSize: 12,
  heads: 2,
  innerSize: 9,
  segmentLength: 8,
  shortTermLength: 8,
};
const resolve = {
  transformer: (adaptive: AdaptiveConfig) => resolveTransformerXlConfig({ ...sizes, adaptive }),
  compressiveTransformer: (adaptive: AdaptiveConfig) =>
    resolveCompressiveTransformerConfig({ ...sizes, compressedLength: 4, adaptive }),
};

describe.each(["transformer", "compressiveTransformer"] as const)("adaptive of a %s", (family) => {
  it("is taken as given, and frozen", () => {
    const adaptive = { cutoffs: [1, 10], divisor: 2 };
    const got = resolve[family](adaptive).adaptive;
    expect(got).toEqual(adaptive);
    expect(Object.isFrozen(got) && Object.isFrozen(got?.cutoffs)).toBe(true);
  });

  const cuts = "be increasing whole numbers of 1 to 10, at least one, got";
  it.each([
    [true, "adaptive", "be null, or cutoffs and a divisor, got true"],
    [{ divisor: 1 }, "adaptive.cutoffs", `${cuts} undefined`],
    [{ cutoffs: [], divisor: 1 }, "adaptive.cutoffs", `${cuts} []`],
    [{ cutoffs: [0, 4], divisor: 1 }, "adaptive.cutoffs", `${cuts} [0,4]`],
    [{ cutoffs: [4, 4], divisor: 1 }, "adaptive.cutoffs", `${cuts} [4,4]`],
    [{ cutoffs: [4, 2.5], divisor: 1 }, "adaptive.cutoffs", `${cuts} [4,2.5]`],
    [{ cutoffs: [4, 11], divisor: 1 }, "adaptive.cutoffs", `${cuts} [4,11]`],
    [
      { cutoffs: [4], divisor: 0.5 },
      "adaptive.divisor",
      "be at least 1 and divide modelSize 12 once, got 0.5",
    ],
    [
      { cutoffs: [4], divisor: "2" },
      "adaptive.divisor",
      'be at least 1 and divide modelSize 12 once, got "2"',
    ],
    [
      { cutoffs: [4, 5, 6], divisor: 2 },
      "adaptive.divisor",
      "be at least 1 and divide modelSize 12 3 times over, got 2",
    ],
  ])("is refused as %j, and the field named", (wrong, path, message) => {
    expect(() => resolve[family](wrong as AdaptiveConfig)).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG", path, message: `${family}: ${path} must ${message}` }),
    );
  });
});

describe("clustersOf", () => {
  it("cuts WikiText-103 as the large Transformer-XL does", () => {
    const adaptive = { cutoffs: [20_000, 40_000, 200_000], divisor: 4 };
    expect(clustersOf({ vocabularySize: 267_735, modelSize: 1024 }, adaptive)).toEqual([
      { start: 0, words: 20_000, width: 1024 },
      { start: 20_000, words: 20_000, width: 256 },
      { start: 40_000, words: 160_000, width: 64 },
      { start: 200_000, words: 67_735, width: 16 },
    ]);
  });

  it("is not there by default", () => {
    expect(resolveTransformerXlConfig(sizes).adaptive).toBeNull();
    expect(resolveInfiniteFormerConfig({ ...sizes, longTerm: { basisCount: 8 } }).adaptive).toBeNull();
    expect(resolveCompressiveTransformerConfig({ ...sizes, compressedLength: 4 }).adaptive).toBeNull();
  });
});
