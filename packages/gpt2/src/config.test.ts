import { describe, expect, it } from "vitest";
import { defaultGpt2Config, type Gpt2Options, memoryLayers, remembers, resolveGpt2Config } from "./config.js";

const sizes = { vocabularySize: 50, positions: 16, layers: 2, modelSize: 12, heads: 3 };

describe("resolveGpt2Config", () => {
  it("fills in what GPT-2 has", () => {
    const config = resolveGpt2Config(sizes);
    expect(config).toEqual({ ...defaultGpt2Config, ...sizes, headSize: 4, innerSize: 48, segmentLength: 16 });
    expect(remembers(config)).toBe(false);
  });

  it("fills in the authors' constants of a long-term memory, with the segments of the model", () => {
    const config = resolveGpt2Config({ ...sizes, segmentLength: 8, longTerm: { basisCount: 32 } });
    expect(config.longTerm).toMatchObject({
      basisCount: 32,
      basisWidths: [0.005, 0.01],
      ridge: 0.5,
      contraction: 0.5,
      varianceFloor: 1e-4,
      segmentLength: 8,
      wipeAfter: null,
      input: "hidden",
    });
    expect(remembers(config)).toBe(true);
  });

  it("gives every layer a memory, or those that are named", () => {
    expect(memoryLayers(resolveGpt2Config(sizes))).toEqual([]);
    expect(memoryLayers(resolveGpt2Config({ ...sizes, longTerm: {} }))).toEqual([0, 1]);
    const compressed = resolveGpt2Config({ ...sizes, compressed: { layers: [1] } });
    expect(memoryLayers(compressed)).toEqual([1]);
    expect(compressed.compressed).toEqual({ length: 512, ratio: 2, layers: [1] });
  });

  it.each<[string, Partial<Gpt2Options>]>([
    ["vocabularySize", { vocabularySize: 0 }],
    ["positions", { positions: 1.5 }],
    ["layers", { layers: -1 }],
    ["heads", { heads: 5 }],
    ["innerSize", { innerSize: Number.NaN }],
    ["segmentLength", { segmentLength: 17 }],
    ["activation", { activation: "swish" as never }],
    ["normEpsilon", { normEpsilon: 0 }],
    ["tiedOutput", { tiedOutput: 1 as never }],
    ["dropout.attention", { dropout: { embedding: 0, attention: 1, residual: 0 } }],
    ["longTerm.input", { longTerm: { input: "raw" as never } }],
    ["longTerm.segmentLength", { longTerm: { segmentLength: 8 } }],
    ["longTerm.varianceFloor", { longTerm: { varianceFloor: -1 } }],
    ["basisCount", { longTerm: { basisCount: 3 } }],
    ["longTerm.layers", { longTerm: { layers: [] } }],
    ["longTerm.layers", { longTerm: { layers: [0, 2] } }],
    ["compressed.layers", { compressed: { layers: [1, 0] } }],
    ["compressed.layers", { compressed: { layers: [0.5] } }],
    ["compressed.length", { compressed: { length: 0 } }],
    ["compressed.ratio", { compressed: { ratio: 1.5 } }],
    ["compressed", { longTerm: {}, compressed: {} }],
  ])("names the field at fault: %s", (path, options) => {
    expect(() => resolveGpt2Config({ ...sizes, ...options })).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG", path }),
    );
  });
});
