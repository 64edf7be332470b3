import type { Rng } from "@infinite-former/random";
import {
  type CompressiveState,
  type CompressiveTransformer,
  type CompressiveTransformerConfig,
  type CompressiveTransformerParams,
  compressiveFunctions,
  compressiveTransformer,
  initCompressiveTransformer,
  resolveCompressiveTransformerConfig,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { ModelSettings } from "../config/schema.js";
import { modelBody } from "./model-body.js";
import { wantedLogits } from "./token-loss.js";
import type { TrainerParts } from "./trainer-model.js";

/** A Compressive Transformer's own configuration for a run's model settings. */
export function compressiveConfig(
  settings: ModelSettings,
  vocabularySize: number,
): CompressiveTransformerConfig {
  const { compressedLength, compressionRatio } = settings;
  return resolveCompressiveTransformerConfig({
    ...modelBody(settings, vocabularySize),
    compressedLength,
    compressionRatio,
  });
}

/**
 * A new Compressive Transformer; its penalty is the loss of reconstructing
 * attention from compressed rows, which alone trains the compression.
 */
export function compressiveModel(
  settings: ModelSettings,
  vocabularySize: number,
  rng: Rng,
): CompressiveTransformer & TrainerParts {
  const config = compressiveConfig(settings, vocabularySize);
  const penalised = settings.reconstructionWeight > 0 && config.compressedLength > 0;
  return {
    config,
    params: initCompressiveTransformer(config, rng),
    functions: compressiveFunctions,
    sticky: false,
    pass(params, state, tokens, { seeds, penalty: wanted = true }) {
      const model = { config, params: params as CompressiveTransformerParams };
      const options = { seeds, auxiliary: penalised && wanted, logits: wantedLogits(config) };
      const output = compressiveTransformer(model, state as CompressiveState, tokens, options);
      const { logits, features, auxiliaryLoss } = output;
      const penalty =
        auxiliaryLoss === null ? null : (tf.mul(auxiliaryLoss, settings.reconstructionWeight) as tf.Scalar);
      return { logits, features, state: output.state, penalty };
    },
    disposeConstants: () => undefined,
  };
}
