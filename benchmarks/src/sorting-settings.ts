import type { CellSessionOptions } from "@infinite-former/sorting/training";
import type { SortingSize } from "./sizes.js";

type CellConfig = CellSessionOptions["plan"]["config"];
type ModelName = CellSessionOptions["plan"]["model"];

/** Name of a sorting model that has peers. */
export type SortingModelName = Extract<ModelName, "infinite-former" | "transformer-xl" | "compressive">;

/** All of them. */
export const sortingModels: readonly SortingModelName[] = [
  "infinite-former",
  "transformer-xl",
  "compressive",
];

/** The sorting benchmark's configuration for one of the measured sizes. */
export function sortingSettings(model: SortingModelName, size: SortingSize): CellConfig {
  const { layers, modelSize, heads, headSize, innerSize, segmentLength, dropout } = size;
  const body = { layers, modelSize, heads, headSize, innerSize, segmentLength, dropout };
  const { model: memory, penaltyWeight } = memories[model](size);
  return {
    model: { ...body, ...memory },
    training: {
      steps: 1_000_000_000,
      batchSize: size.batch,
      learningRate: 2e-4,
      warmupSteps: 0,
      clipNorm: 0.25,
      penaltyWeight,
      gradientSegments: 1,
      reportEvery: 1_000_000_000,
      checkpointEvery: 1_000_000_000,
    },
    evaluation: { sequences: 1 },
  };
}

type Memory = Pick<CellConfig, "model"> & { readonly penaltyWeight: number };

const memories: Readonly<Record<SortingModelName, (size: SortingSize) => Memory>> = {
  "infinite-former"(size) {
    const { shortTermLength, longTermLength, klWeight, ...longTerm } = size["infinite-former"];
    return {
      model: { shortTermLength, longTerm: { segmentLength: longTermLength, ...longTerm } },
      penaltyWeight: klWeight,
    };
  },
  "transformer-xl": (size) => ({ model: size["transformer-xl"], penaltyWeight: 0 }),
  compressive(size) {
    const { reconstructionWeight, ...model } = size.compressive;
    return { model, penaltyWeight: reconstructionWeight };
  },
};
