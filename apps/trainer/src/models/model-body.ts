import type { TransformerXlConfig } from "@infinite-former/transformer";
import type { ModelSettings } from "../config/schema.js";

/** What every kind of model has. */
type ModelBody = Omit<TransformerXlConfig, "headSize" | "norm" | "finalNorm" | "initializer">;

/** Settings that every kind of model takes as they are, with the size of the vocabulary and those clusters that begin in it. */
export function modelBody(settings: ModelSettings, vocabularySize: number): ModelBody {
  const { layers, modelSize, heads, innerSize, segmentLength, shortTermLength } = settings;
  const { activation, tiedOutput, divisor, dropout } = settings;
  const cutoffs = settings.cutoffs.filter((id) => id < vocabularySize);
  return {
    vocabularySize,
    layers,
    modelSize,
    heads,
    innerSize,
    segmentLength,
    shortTermLength,
    activation: activation as ModelBody["activation"], // the rules leave the others to GPT-2
    tiedOutput,
    adaptive: cutoffs.length === 0 ? null : { cutoffs, divisor },
    dropout,
  };
}
