import type { TransformerXlConfig } from "@infinite-former/transformer";
import type { ModelSettings } from "../config/schema.js";

/** What every kind of model has. */
type ModelBody = Omit<TransformerXlConfig, "headSize" | "norm" | "finalNorm">;

/** Settings that every kind of model takes as they are, with the size of the vocabulary and the clusters of its words. */
export function modelBody(settings: ModelSettings, vocabularySize: number): ModelBody {
  const { layers, modelSize, heads, innerSize, segmentLength, shortTermLength } = settings;
  const { activation, tiedOutput, cutoffs, divisor, dropout } = settings;
  return {
    vocabularySize,
    layers,
    modelSize,
    heads,
    innerSize,
    segmentLength,
    shortTermLength,
    activation,
    tiedOutput,
    adaptive: cutoffs.length === 0 ? null : { cutoffs, divisor },
    dropout,
  };
}
