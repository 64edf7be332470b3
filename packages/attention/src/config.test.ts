import { describe, expect, it } from "vitest";
import { resolveContinuousAttentionConfig } from "./index.js";

describe("resolveContinuousAttentionConfig", () => {
  const options = { heads: 2, headSize: 3, modelSize: 4, basisCount: 8 };
  const faults: [string, object][] = [
    ["heads", { heads: 0 }],
    ["headSize", { headSize: 1.5 }],
    ["basisCount", { basisCount: 7 }],
    ["basisWidths", { basisWidths: [] }],
    ["basisWidths", { basisWidths: [0.1, -1] }],
    ["density", { density: "box" }],
    ["densityFrom", { densityFrom: "scores" }],
    ["densityFrom", { density: "gibbs", densityFrom: "affine" }],
    ["densityFrom", { densityFrom: "scores" }],
    ["densityFrom", { basis: "fourier", densityFrom: "moments" }],
    ["densityCount", { densityCount: 0 }],
    ["densityCount", { densityCount: 2, densityFrom: "moments" }],
    ["densityCount", { densityCount: 2, density: "gibbs" }],
    ["basis", { basis: "wavelet" }],
    ["basisWidths", { basis: "legendre", basisWidths: [0.1] }],
    ["basisPeriod", { basis: "bspline", basisPeriod: 1 }],
    ["basisPeriod", { basis: "fourier", basisPeriod: 0 }],
    ["basisCount", { basis: "bspline", basisCount: 3 }],
    ["affineBias", { affineBias: 1 }],
    ["affineBias", { affineBias: true, densityFrom: "moments" }],
    ["varianceFloor", { varianceFloor: -1 }],
    ["priorWidth", { priorWidth: 0 }],
    ["priorMean", { priorMean: Number.NaN }],
  ];

  it("fills in the authors' defaults and lets the caller win", () => {
    expect(resolveContinuousAttentionConfig(options)).toEqual({
      ...options,
      basis: "gaussian",
      basisWidths: [0.01, 0.05],
      basisPeriod: null,
      density: "gaussian",
      densityCount: 1,
      densityFrom: "affine",
      affineBias: false,
      varianceFloor: 1e-6,
      priorWidth: 0.05,
      priorMean: null,
    });
    expect(resolveContinuousAttentionConfig({ ...options, priorMean: -1 }).priorMean).toBe(-1);
  });

  it("fills in what fits basis and density", () => {
    const of = (more: object) => resolveContinuousAttentionConfig({ ...options, ...more });
    expect(of({ basis: "fourier" })).toMatchObject({ basisWidths: [], basisPeriod: 2 });
    expect(of({ basis: "bspline" })).toMatchObject({ basisWidths: [], basisPeriod: null });
    expect(of({ density: "gibbs" })).toMatchObject({ densityFrom: "scores" });
  });

  for (const [path, change] of faults) {
    it(`names ${path} for ${JSON.stringify(change)}`, () => {
      const faulty = { ...options, ...change } as typeof options;
      expect(() => resolveContinuousAttentionConfig(faulty)).toThrow(
        expect.objectContaining({ code: "ERR_CONFIG", path }),
      );
      expect(() => resolveContinuousAttentionConfig(faulty, "longTerm.")).toThrow(
        expect.objectContaining({ path: `longTerm.${path}` }),
      );
    });
  }
});
