import { createMemoryPlan } from "@infinite-former/memory";
import type { Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import {
  hasLongTerm,
  type InfiniteFormerOptions,
  initTransformer,
  memoryConfig,
  resolveInfiniteFormerConfig,
  resolveTransformerXlConfig,
  type TransformerConfig,
  type TransformerModel,
  transformerFunctions,
} from "@infinite-former/transformer";
import type { ModelSettings } from "./config/schema.js";

/** The transformer's own configuration for a run's model settings. */
export function transformerConfig(settings: ModelSettings, vocabularySize: number): TransformerConfig {
  const { layers, modelSize, heads, innerSize, segmentLength, shortTermLength } = settings;
  const { norm, finalNorm, activation, tiedOutput, dropout } = settings;
  const body = {
    vocabularySize,
    layers,
    modelSize,
    heads,
    innerSize,
    segmentLength,
    shortTermLength,
    norm,
    finalNorm,
    activation,
    tiedOutput,
    dropout,
  };
  if (settings.kind === "transformer-xl") return resolveTransformerXlConfig(body);
  const { basis, basisCount, ridge, contraction, sampleCount } = settings;
  const { grid, padding, sampling, stickyBins, stickyPositions, wipeAfter } = settings;
  const { gate, density, densityCount, densityFrom, affineBias, varianceFloor, priorWidth, priorMean } =
    settings;
  const longTerm = {
    basis,
    basisCount,
    ...(basis === "gaussian" ? { basisWidths: settings.basisWidths } : {}),
    ...(settings.basisPeriod === null ? {} : { basisPeriod: settings.basisPeriod }),
    ridge,
    contraction,
    sampleCount,
    grid,
    padding,
    sampling,
    stickyBins,
    stickyPositions,
    wipeAfter,
    gate,
    density,
    densityCount,
    densityFrom,
    affineBias,
    varianceFloor,
    priorWidth,
    priorMean,
  };
  const options: InfiniteFormerOptions = { ...body, longTerm };
  return resolveInfiniteFormerConfig(options);
}

/**
 * A model with new parameters from a seed.
 *
 * @returns tensors owned by the caller: `disposeLanguageModel` frees them.
 */
export function createLanguageModel(
  settings: ModelSettings,
  vocabularySize: number,
  rng: Rng,
): TransformerModel {
  const config = transformerConfig(settings, vocabularySize);
  const plan = hasLongTerm(config) ? createMemoryPlan(memoryConfig(config)) : null;
  return { config, plan, params: initTransformer(config, rng), functions: transformerFunctions };
}

/** Frees parameters and constants. */
export function disposeLanguageModel(model: TransformerModel): void {
  disposeTree(model.params);
  model.plan?.dispose();
}
