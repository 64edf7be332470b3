import {
  type Gpt2,
  type Gpt2Config,
  type Gpt2Params,
  type Gpt2State,
  gpt2,
  gpt2From,
  initGpt2,
  remembers,
  resolveGpt2Config,
} from "@infinite-former/gpt2";
import type { Rng } from "@infinite-former/random";
import { meanPenalty } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { ModelSettings } from "../config/schema.js";
import { longTermSettings } from "./long-term-settings.js";
import type { TrainerParts } from "./trainer-model.js";

/** A GPT-2's own configuration for a run's model settings. */
export function gpt2Config(settings: ModelSettings, vocabularySize: number): Gpt2Config {
  const { layers, modelSize, heads, innerSize, segmentLength, activation, tiedOutput } = settings;
  const { normEpsilon, scaledScores, scoresByLayer, dropout, memory, memoryLayers, memoryInput } = settings;
  const some = memoryLayers === null ? {} : { layers: memoryLayers };
  const compressed = { length: settings.compressedLength, ratio: settings.compressionRatio, ...some };
  return resolveGpt2Config({
    vocabularySize: settings.tokenRows ?? vocabularySize,
    positions: settings.positions ?? segmentLength,
    segmentLength,
    layers,
    modelSize,
    heads,
    innerSize,
    activation,
    tiedOutput,
    normEpsilon,
    scaledScores,
    scoresByLayer,
    dropout: { embedding: dropout, attention: dropout, residual: dropout },
    ...(memory === "infinite"
      ? { longTerm: { ...longTermSettings(settings), input: memoryInput, ...some } }
      : {}),
    ...(memory === "compressive" ? { compressed } : {}),
  });
}

/**
 * A new GPT-2; its penalty is the KL divergence of its densities, or the loss of
 * reconstructing attention from compressed rows, which alone trains the compression.
 */
export function gpt2Model(settings: ModelSettings, vocabularySize: number, rng: Rng): Gpt2 & TrainerParts {
  const config = gpt2Config(settings, vocabularySize);
  const made = gpt2From(config, initGpt2(config, rng, settings.memoryStart));
  const { plan } = made;
  const { klWeight, reconstructionWeight } = settings;
  return {
    ...made,
    sticky: config.longTerm?.sampling === "sticky",
    pass(params, state, tokens, { penalty: wanted = true, ...options }) {
      const model = { config, plan, params: params as Gpt2Params };
      const how = { ...options, auxiliary: wanted && config.compressed !== undefined };
      const output = gpt2(model, state as Gpt2State, tokens, how);
      const { logits, hidden: features, auxiliaryLoss } = output;
      const penalised = wanted && remembers(config) && klWeight > 0;
      const [loss, weight] = penalised
        ? [meanPenalty(output), klWeight]
        : [auxiliaryLoss, reconstructionWeight];
      const penalty = loss === null ? null : (tf.mul(loss, weight) as tf.Scalar);
      return { logits, features, state: output.state, penalty };
    },
    disposeConstants: () => plan?.dispose(),
  };
}
