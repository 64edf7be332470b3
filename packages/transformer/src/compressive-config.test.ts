import type { ConfigError } from "@infinite-former/tensor";
import { describe, expect, it } from "vitest";
import type { CompressiveTransformerOptions } from "./compressive-config.js";
import { resolveCompressiveTransformerConfig } from "./compressive-config.js";
import { compressivePresets } from "./compressive-presets.js";

const sizes = {
  vocabularySize: 11,
  layers: 3,
  modelSize: 12,
  heads: 2,
  segmentLength: 8,
  shortTermLength: 8,
  compressedLength: 6,
};

describe("compressivePresets", () => {
  it("answers each of its questions differently for paper and reference", () => {
    const { paper, reference } = compressivePresets;
    expect(Object.keys(paper)).toEqual(Object.keys(reference));
    for (const [key, answer] of Object.entries(paper)) {
      expect(reference[key as keyof typeof paper], key).not.toBe(answer);
    }
    const resolved = resolveCompressiveTransformerConfig({ ...sizes, ...reference });
    expect(resolved).toMatchObject(reference);
  });
});

describe("resolveCompressiveTransformerConfig", () => {
  it("fills in what is left out, and takes what is given", () => {
    expect(resolveCompressiveTransformerConfig(sizes)).toEqual({
      ...sizes,
      headSize: 6,
      innerSize: 48,
      compressionRatio: 4,
      memoryLayers: [0, 1, 2],
      residual: "add",
      enhancedRecurrence: false,
      activation: "gelu-erf",
      tiedOutput: false,
      adaptive: null,
      dropout: 0,
      positionTable: "fixed",
      remainder: "pad",
      reconstruction: "leaving",
    });
    const given = { headSize: 5, innerSize: 7, memoryLayers: [0, 2], residual: "gru", dropout: 0.1 } as const;
    expect(resolveCompressiveTransformerConfig({ ...sizes, ...given })).toMatchObject(given);
  });

  it.each([
    [{ vocabularySize: 0 }, "vocabularySize", "be an integer of at least 1, got 0"],
    [{ layers: 1.5 }, "layers", "be an integer of at least 1, got 1.5"],
    [{ modelSize: 0 }, "modelSize", "be an integer of at least 1, got 0"],
    [{ heads: 0 }, "heads", "be an integer of at least 1, got 0"],
    [{ heads: 5 }, "heads", "divide modelSize 12, or headSize be given, got 5"],
    [{ headSize: 0 }, "headSize", "be an integer of at least 1, got 0"],
    [{ innerSize: -1 }, "innerSize", "be an integer of at least 1, got -1"],
    [{ segmentLength: 0 }, "segmentLength", "be an integer of at least 1, got 0"],
    [{ shortTermLength: -1 }, "shortTermLength", "be an integer of at least 0, got -1"],
    [{ compressedLength: 0.5 }, "compressedLength", "be an integer of at least 0, got 0.5"],
    [{ compressionRatio: 0 }, "compressionRatio", "be an integer of at least 1, got 0"],
    [{ memoryLayers: [] }, "memoryLayers", "be ascending layers below 3, at least one, got []"],
    [{ memoryLayers: [1, 1] }, "memoryLayers", "be ascending layers below 3, at least one, got [1,1]"],
    [{ memoryLayers: [-1, 1] }, "memoryLayers", "be ascending layers below 3, at least one, got [-1,1]"],
    [{ memoryLayers: [3] }, "memoryLayers", "be ascending layers below 3, at least one, got [3]"],
    [{ residual: "sum" }, "residual", 'be "add" or "gru", got "sum"'],
    [{ enhancedRecurrence: 1 }, "enhancedRecurrence", "be true or false, got 1"],
    [{ activation: "erf" }, "activation", 'be "relu", "gelu" or "gelu-erf", got "erf"'],
    [{ tiedOutput: null }, "tiedOutput", "be true or false, got null"],
    [{ dropout: 1 }, "dropout", "be in [0, 1), got 1"],
    [{ positionTable: "sliding" }, "positionTable", 'be "fixed" or "moving", got "sliding"'],
    [{ remainder: "drop" }, "remainder", 'be "pad" or "reference", got "drop"'],
    [{ reconstruction: "all" }, "reconstruction", 'be "leaving" or "memory", got "all"'],
    [
      { remainder: "reference", segmentLength: 1 },
      "remainder",
      'be "pad" with segments of 1 and a compressionRatio of 4, or every row were lost, got "reference"',
    ],
  ])("refuses %j and names the field", (wrong, path, message) => {
    const options = { ...sizes, ...wrong } as CompressiveTransformerOptions;
    let error: ConfigError | undefined;
    try {
      resolveCompressiveTransformerConfig(options);
    } catch (caught) {
      error = caught as ConfigError;
    }
    expect(error?.code).toBe("ERR_CONFIG");
    expect(error?.path).toBe(path);
    expect(error?.message).toBe(`compressiveTransformer: ${path} must ${message}`);
  });
});
