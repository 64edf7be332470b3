import { ConfigFaultsError, didYouMean, shown } from "@infinite-former/command-line";
import { type ModelName, modelNames } from "../models/names.js";
import type { ModelSettings } from "../models/sorting-model.js";
import type { CellConfig, TrainingSettings } from "./cell-config.js";

/** A grid of cells. */
export interface Preset {
  readonly name: string;
  readonly about: string;
  /** Symbols before the separator. */
  readonly lengths: readonly number[];
  readonly seeds: readonly number[];
  readonly cells: Readonly<Record<ModelName, CellConfig>>;
}

/** What each model needs beside the body that all share. */
interface Memories {
  readonly transformerXl: ModelSettings;
  readonly compressive: ModelSettings;
  readonly infiniteFormer: ModelSettings;
}

/** Weights of the models' own penalties: KL as in the authors' launch script, reconstruction as lucidrains' default. */
const penaltyWeights: Readonly<Record<ModelName, number>> = {
  "transformer-xl": 0,
  compressive: 1,
  "infinite-former": 1e-6,
  "infinite-former-sticky": 1e-6,
};

/** The same body, training and evaluation for every model; only the memories differ. */
function cells(
  body: ModelSettings,
  memories: Memories,
  training: Omit<TrainingSettings, "penaltyWeight" | "learningRate"> & {
    readonly learningRate: number | Readonly<Record<ModelName, number>>;
  },
  sequences: number,
): Preset["cells"] {
  const { longTerm } = memories.infiniteFormer;
  const models: Readonly<Record<ModelName, ModelSettings>> = {
    "transformer-xl": memories.transformerXl,
    compressive: memories.compressive,
    "infinite-former": memories.infiniteFormer,
    "infinite-former-sticky": {
      ...memories.infiniteFormer,
      longTerm: { ...(longTerm as object), sampling: "sticky" },
    },
  };
  const { learningRate: rate } = training;
  const cell = (name: ModelName): CellConfig => ({
    model: { ...body, ...models[name] },
    training: {
      ...training,
      learningRate: typeof rate === "number" ? rate : rate[name],
      penaltyWeight: penaltyWeights[name],
    },
    evaluation: { sequences },
  });
  return Object.fromEntries(modelNames.map((name) => [name, cell(name)])) as Record<ModelName, CellConfig>;
}

/** Each model's best of 1e-3, 2e-3 and 4e-3 at 236 symbols, after 1,500 updates: results/sorting/search. */
const searchedRates: Readonly<Record<ModelName, number>> = {
  "transformer-xl": 1e-3,
  compressive: 2e-3,
  "infinite-former": 2e-3,
  "infinite-former-sticky": 2e-3,
};

/** Gradient on the last segment and this clipping: the authors' training. */
const asPublished = { clipNorm: 0.25, gradientSegments: 1 };

/** The presets. */
export const presets: readonly Preset[] = [
  {
    name: "small",
    about: "two short lengths in some minutes: shows that all models run and learn",
    lengths: [108, 172],
    seeds: [1],
    cells: cells(
      { layers: 2, modelSize: 64, heads: 4, innerSize: 128, segmentLength: 32 },
      {
        transformerXl: { shortTermLength: 96 },
        compressive: { shortTermLength: 48, compressedLength: 48, compressionRatio: 4 },
        infiniteFormer: { shortTermLength: 32, longTerm: { basisCount: 32 } },
      },
      {
        ...asPublished,
        steps: 1000,
        batchSize: 32,
        learningRate: 4e-3,
        warmupSteps: 100,
        reportEvery: 20,
        checkpointEvery: 100,
      },
      256,
    ),
  },
  {
    name: "medium",
    about: "the paper's experiment divided by sixteen: memories keep their ratio to the lengths",
    lengths: [236, 492, 1004],
    seeds: [1, 2],
    cells: cells(
      { layers: 3, modelSize: 128, heads: 4, innerSize: 256, segmentLength: 64 },
      {
        transformerXl: { shortTermLength: 192 },
        compressive: { shortTermLength: 96, compressedLength: 96, compressionRatio: 4 },
        infiniteFormer: { shortTermLength: 64, longTerm: { basisCount: 64 } },
      },
      {
        ...asPublished,
        steps: 3000,
        batchSize: 16,
        learningRate: searchedRates,
        warmupSteps: 100,
        reportEvery: 50,
        checkpointEvery: 250,
      },
      512,
    ),
  },
  {
    name: "paper",
    about: "the paper's sizes and schedule: for a bigger machine",
    lengths: [4000, 8000, 16000],
    seeds: [1],
    cells: cells(
      // Width, heads, inner size and dropout of the authors' launch script; the paper names layers and heads.
      { layers: 3, modelSize: 300, heads: 6, innerSize: 300, segmentLength: 1024, dropout: 0.1 },
      {
        transformerXl: { shortTermLength: 2048 },
        compressive: { shortTermLength: 1024, compressedLength: 1024, compressionRatio: 4 },
        infiniteFormer: { shortTermLength: 1024, longTerm: { basisCount: 1024 } },
      },
      {
        ...asPublished,
        steps: 20_000,
        batchSize: 8,
        learningRate: 2e-4,
        warmupSteps: 0,
        reportEvery: 50,
        checkpointEvery: 50,
      },
      800,
    ),
  },
];

/** @throws {ConfigFaultsError} `ERR_CONFIG` for an unknown name, with the nearest known one. */
export function findPreset(name: string): Preset {
  const preset = presets.find((candidate) => candidate.name === name);
  if (preset !== undefined) return preset;
  const names = presets.map((candidate) => candidate.name);
  const meant = didYouMean(name, names);
  const hint = meant === undefined ? `there is ${names.join(", ")}` : `did you mean ${meant}?`;
  throw new ConfigFaultsError([{ path: "--preset", message: `unknown preset ${shown(name)}; ${hint}` }]);
}
