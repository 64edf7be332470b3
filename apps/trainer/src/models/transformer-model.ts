import { createMemoryPlan } from "@infinite-former/memory";
import type { Rng } from "@infinite-former/random";
import {
  forward,
  hasLongTerm,
  type InfiniteFormerOptions,
  initTransformer,
  meanPenalty,
  memoryConfig,
  resolveInfiniteFormerConfig,
  resolveTransformerXlConfig,
  type TransformerConfig,
  type TransformerModel,
  type TransformerParams,
  type TransformerState,
  transformerFunctions,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { ModelSettings } from "../config/schema.js";
import { longTermSettings } from "./long-term-settings.js";
import { modelBody } from "./model-body.js";
import { wantedLogits } from "./token-loss.js";
import type { TrainerParts } from "./trainer-model.js";

/** An ∞-former's or Transformer-XL's own configuration for a run's model settings. */
export function transformerConfig(settings: ModelSettings, vocabularySize: number): TransformerConfig {
  const { norm, finalNorm, initializer } = settings;
  const body = { ...modelBody(settings, vocabularySize), norm, finalNorm, initializer };
  if (settings.kind === "transformer-xl") return resolveTransformerXlConfig(body);
  const options: InfiniteFormerOptions = { ...body, longTerm: longTermSettings(settings) };
  return resolveInfiniteFormerConfig(options);
}

/** A new ∞-former or Transformer-XL; its penalty is the KL divergence of its densities. */
export function transformerModel(
  settings: ModelSettings,
  vocabularySize: number,
  rng: Rng,
): TransformerModel & TrainerParts {
  const config = transformerConfig(settings, vocabularySize);
  const plan = hasLongTerm(config) ? createMemoryPlan(memoryConfig(config)) : null;
  const penalised = settings.kind === "infinite-former" && settings.klWeight > 0;
  return {
    config,
    plan,
    params: initTransformer(config, rng),
    functions: transformerFunctions,
    sticky: settings.kind === "infinite-former" && settings.sampling === "sticky",
    pass(params, state, tokens, { penalty = true, ...options }) {
      const model = { config, plan, params: params as TransformerParams };
      const how = { ...options, logits: wantedLogits(config) };
      const output = forward(model, state as TransformerState, tokens, how);
      return {
        logits: output.logits,
        features: output.features,
        state: output.state,
        penalty: penalised && penalty ? (tf.mul(meanPenalty(output), settings.klWeight) as tf.Scalar) : null,
      };
    },
    disposeConstants: () => plan?.dispose(),
  };
}
