import { spareTokens, type Vocabulary } from "@infinite-former/datasets";
import { type Gpt2Config, remembers } from "@infinite-former/gpt2";
import { assertBounded } from "@infinite-former/memory";
import type { Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import {
  type CompressiveTransformerConfig,
  hasLongTerm,
  memoryConfig,
  type TransformerConfig,
} from "@infinite-former/transformer";
import type { ModelSettings } from "./config/schema.js";
import { compressiveConfig, compressiveModel } from "./models/compressive-model.js";
import { gpt2Config, gpt2Model } from "./models/gpt2-model.js";
import { withoutSpareTokens } from "./models/spare-tokens.js";
import type { TrainerModel } from "./models/trainer-model.js";
import { transformerConfig, transformerModel } from "./models/transformer-model.js";

/** A model's own configuration, of whatever kind. */
export type LanguageModelConfig = TransformerConfig | CompressiveTransformerConfig | Gpt2Config;

/** What a configuration is of, in words with their article, by a field that only its kind has. */
export function configKind(config: object): string {
  if ("compressionRatio" in config) return "a Compressive Transformer";
  if ("positions" in config) return "a GPT-2";
  return "longTerm" in config ? "an ∞-former" : "a Transformer-XL";
}

/**
 * Checks settings as the model itself does, without making one.
 *
 * @returns the model's own configuration, defaults filled in.
 * @throws {ConfigError} `ERR_CONFIG` naming the field at fault.
 */
export function checkModel(settings: ModelSettings, vocabularySize: number): LanguageModelConfig {
  if (settings.kind === "compressive") return compressiveConfig(settings, vocabularySize);
  if (settings.kind === "gpt2") {
    const config = gpt2Config(settings, vocabularySize);
    if (remembers(config)) assertBounded(memoryConfig(config), "model");
    return config;
  }
  const config = transformerConfig(settings, vocabularySize);
  if (hasLongTerm(config)) assertBounded(memoryConfig(config), "model");
  return config;
}

/**
 * A model with new parameters from a seed. What it writes are the vocabulary's
 * tokens alone, though its table may have more rows.
 *
 * @returns tensors owned by the caller: `disposeLanguageModel` frees them.
 */
export function createLanguageModel(settings: ModelSettings, vocabulary: Vocabulary, rng: Rng): TrainerModel {
  const make = makers[settings.kind];
  const model = make(settings, vocabulary.size, rng) as unknown as TrainerModel;
  const rows = model.config.vocabularySize;
  const functions = withoutSpareTokens(model.functions, rows, spareTokens(vocabulary, rows));
  return { ...model, functions };
}

const makers = {
  "infinite-former": transformerModel,
  "transformer-xl": transformerModel,
  compressive: compressiveModel,
  gpt2: gpt2Model,
} as const;

/** Frees parameters and constants. */
export function disposeLanguageModel(model: TrainerModel): void {
  disposeTree(model.params);
  model.disposeConstants();
}
