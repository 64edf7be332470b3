import type { Gpt2Config } from "@infinite-former/gpt2";
import type { ModelSettings } from "../config/schema.js";
import { settingsOfLongTerm } from "../models/long-term-settings.js";

/**
 * The settings of a run whose model has a GPT-2's weights: those that they decide, and, where it has a
 * memory, how that was used: the segments that it reads with too. A plain GPT-2 says nothing of these.
 */
export function gpt2Settings(config: Gpt2Config): {
  readonly structure: Partial<ModelSettings>;
  readonly usual: Partial<ModelSettings>;
} {
  const { layers, modelSize, heads, innerSize, positions, activation, normEpsilon, tiedOutput } = config;
  const { scaledScores, scoresByLayer, vocabularySize, segmentLength, longTerm, compressed } = config;
  const body: Partial<ModelSettings> = {
    kind: "gpt2",
    layers,
    modelSize,
    heads,
    innerSize,
    positions,
    tokenRows: vocabularySize,
    activation,
    normEpsilon,
    tiedOutput,
    scaledScores,
    scoresByLayer,
  };
  const some = (own: readonly number[]): Pick<ModelSettings, "memoryLayers"> => ({
    memoryLayers: own.length === layers ? null : own,
  });
  if (compressed !== undefined) {
    const { length, ratio } = compressed;
    return {
      structure: { ...body, memory: "compressive", ...some(compressed.layers), compressionRatio: ratio },
      usual: { segmentLength, compressedLength: length },
    };
  }
  if (longTerm === undefined) return { structure: body, usual: {} };
  const { structure, usual } = settingsOfLongTerm(longTerm);
  return {
    structure: {
      ...body,
      memory: "infinite",
      memoryInput: longTerm.input,
      ...some(longTerm.layers),
      ...structure,
    },
    usual: { segmentLength, ...usual },
  };
}
