import type { Rng } from "@infinite-former/random";
import type { LayerNormParams, LinearParams } from "@infinite-former/tensor";
import { initLayerNorm, initLinear, initNormal } from "@infinite-former/tensor";
import type { FeedForwardParams } from "@infinite-former/transformer";
import { initFeedForward } from "@infinite-former/transformer";
import type * as tf from "@tensorflow/tfjs-core";
import type { Gpt2Config } from "./config.js";
import { type Gpt2MemoryParams, initLayerMemory, type MemoryStart } from "./memory-params.js";

/** Parameters of one causal self-attention. */
export interface Gpt2AttentionParams {
  /** `[model, 3·model]` and bias: queries, keys, values. */
  readonly projection: LinearParams;
  /** `[model, model]` and bias. */
  readonly output: LinearParams;
}

/** Parameters of one block, with those of its memory where it has one. */
export interface Gpt2LayerParams extends Gpt2MemoryParams {
  readonly attentionNorm: LayerNormParams;
  readonly attention: Gpt2AttentionParams;
  readonly feedForwardNorm: LayerNormParams;
  readonly feedForward: FeedForwardParams;
}

/** All parameters of a model: a tree of tensors. */
export interface Gpt2Params {
  /** `[vocabulary, model]` */
  readonly tokens: tf.Tensor2D;
  /** `[positions, model]` */
  readonly positions: tf.Tensor2D;
  readonly layers: readonly Gpt2LayerParams[];
  readonly finalNorm: LayerNormParams;
  /** `[model, vocabulary]`; absent where the output is tied to the token table. */
  readonly output?: tf.Tensor2D;
}

/**
 * New parameters from a seed, as GPT-2 begins: kernels and tables N(0, .02²),
 * those that end in the residual stream N(0, .02²/(2·layers)), biases 0, norms
 * 1 and 0; a memory as `initLayerMemory` says.
 *
 * @returns tensors owned by the caller.
 */
export function initGpt2(config: Gpt2Config, rng: Rng, start?: MemoryStart): Gpt2Params {
  const { layers, modelSize, innerSize, vocabularySize, positions } = config;
  const deviation = 0.02 / Math.sqrt(2 * layers);
  return {
    tokens: initNormal([vocabularySize, modelSize], 0.02, rng.split("tokens")) as tf.Tensor2D,
    positions: initNormal([positions, modelSize], 0.02, rng.split("positions")) as tf.Tensor2D,
    layers: Array.from({ length: layers }, (_, index) => {
      const own = rng.split(`layer ${index}`);
      return {
        attentionNorm: initLayerNorm(modelSize),
        attention: {
          projection: initLinear({ inputs: modelSize, outputs: 3 * modelSize }, own.split("projection")),
          output: initLinear({ inputs: modelSize, outputs: modelSize, deviation }, own.split("output")),
        },
        feedForwardNorm: initLayerNorm(modelSize),
        feedForward: initFeedForward(
          { modelSize, innerSize, outerDeviation: deviation },
          own.split("feed-forward"),
        ),
        ...initLayerMemory(config, index, own, start),
      };
    }),
    finalNorm: initLayerNorm(modelSize),
    ...(config.tiedOutput
      ? {}
      : { output: initNormal([modelSize, vocabularySize], 0.02, rng.split("output")) as tf.Tensor2D }),
  };
}
