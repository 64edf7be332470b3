import { defaultContinuousAttentionConfig } from "@infinite-former/attention";
import { createRng } from "@infinite-former/random";
import { disposeTree, leaves } from "@infinite-former/tensor";
import { describe, expect, it } from "vitest";
import { resolveCompressiveTransformerConfig } from "./compressive-config.js";
import {
  type LongTermConfig,
  resolveInfiniteFormerConfig,
  resolveLongTermConfig,
  resolveTransformerXlConfig,
} from "./config.js";
import { continuousAttentionConfig, initLongTerm } from "./params.js";

const sizes = { segmentLength: 8, basisCount: 8 };

describe("resolveLongTermConfig", () => {
  it.each([
    ["density", { density: "box" }],
    ["densityFrom", { densityFrom: "scores" }],
    ["affineBias", { affineBias: true, densityFrom: "moments" }],
    ["varianceFloor", { varianceFloor: -1e-9 }],
    ["priorWidth", { priorWidth: 0 }],
    ["priorMean", { priorMean: Number.NaN }],
  ])("names longTerm.%s in %j", (field, change) => {
    const options = { ...sizes, ...(change as Partial<LongTermConfig>) };
    expect(() => resolveLongTermConfig(options)).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG", path: `longTerm.${field}` }),
    );
  });

  it("takes a floor of 0", () => {
    expect(resolveLongTermConfig({ ...sizes, varianceFloor: 0 }).varianceFloor).toBe(0);
  });
});

describe("a field that there is not", () => {
  const model = {
    vocabularySize: 9,
    layers: 1,
    modelSize: 8,
    heads: 2,
    segmentLength: 8,
    shortTermLength: 8,
  };
  const body = { ...model, innerSize: 8 };

  it.each([
    ["headsize", () => resolveTransformerXlConfig({ ...body, ...{ headsize: 4 } })],
    ["longterm", () => resolveInfiniteFormerConfig({ ...body, ...{ longterm: {} } })],
    [
      "longTerm.basisCont",
      () => resolveInfiniteFormerConfig({ ...body, longTerm: { ridge: 1, ...{ basisCont: 8 } } }),
    ],
    ["longTerm", () => resolveTransformerXlConfig({ ...body, ...{ longTerm: {} } })],
    [
      "memory",
      () => resolveCompressiveTransformerConfig({ ...model, compressedLength: 4, ...{ memory: 4 } }),
    ],
  ])("is refused by name, with those that there are: %s", (path, resolve) => {
    const message = expect.stringMatching(
      `: ${path} must be left out: there is no such field; there are .*, `,
    );
    expect(resolve).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path, message }));
  });

  it("is named with the others", () => {
    const options = { ...body, ...{ Heads: 2, Layers: 2 } };
    expect(() => resolveTransformerXlConfig(options)).toThrow("transformer: Heads, Layers must be left out");
  });
});

describe("continuousAttentionConfig", () => {
  it("carries every field of the attention", () => {
    const chosen = {
      basis: "gaussian",
      basisPeriod: null,
      densityCount: 1,
      density: "truncated-parabola",
      densityFrom: "affine",
      affineBias: true,
      varianceFloor: 1e-5,
      priorWidth: 0.2,
      priorMean: 0.3,
      basisWidths: [0.1],
    } as const;
    const longTerm = resolveLongTermConfig({ ...sizes, ...chosen });
    const got = continuousAttentionConfig({ heads: 2, headSize: 3, modelSize: 6, longTerm });
    expect(got).toEqual({ ...chosen, heads: 2, headSize: 3, modelSize: 6, basisCount: 8 });
    expect(Object.keys(chosen).sort()).toEqual(Object.keys(defaultContinuousAttentionConfig).sort());
  });
});

describe("initLongTerm", () => {
  it.each([
    [{ affineBias: true }, ["mean", "variance", "affineBias"]],
    [{}, ["mean", "variance"]],
    [{ densityFrom: "moments" as const }, []],
  ])("makes the maps that %j asks for", (change, maps) => {
    const longTerm = resolveLongTermConfig({ ...sizes, ...change, gate: false });
    const params = initLongTerm({ heads: 2, headSize: 3, modelSize: 6, longTerm }, createRng(1));
    const kernels = ["keys", "values", "output"].map((name) => `attention.${name}.kernel`);
    expect(leaves(params).map(({ path }) => path)).toEqual([
      ...kernels,
      ...maps.map((name) => `attention.${name}`),
    ]);
    disposeTree(params);
  });
});
