import type { ContinuousAttentionConfig, ContinuousAttentionParams } from "@infinite-former/attention";
import { initContinuousAttention } from "@infinite-former/attention";
import type { GateParams } from "@infinite-former/memory";
import { initGate } from "@infinite-former/memory";
import type { Rng } from "@infinite-former/random";
import type { LayerNormParams } from "@infinite-former/tensor";
import { initLayerNorm, initNormal, zeros } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { AdaptiveEmbedding, AdaptiveOutput } from "./adaptive-params.js";
import { initAdaptive } from "./adaptive-params.js";
import type { BlockParams } from "./block.js";
import type { InfiniteFormerConfig, TransformerConfig } from "./config.js";
import { attentionSettings, hasLongTerm } from "./config.js";
import { initFeedForward } from "./feed-forward.js";
import type { PositionBiases } from "./self-attention.js";
import { initSelfAttention } from "./self-attention.js";

/** Parameters of the long-term memory of one layer. */
export interface LongTermParams {
  readonly attention: ContinuousAttentionParams;
  /** Absent where the configuration has no gate. */
  readonly gate?: GateParams;
}

/** Parameters of one layer; `longTerm` is there in an ∞-former only. */
export interface LayerParams extends BlockParams {
  readonly longTerm?: LongTermParams;
}

/** All parameters of a model: a tree of tensors. */
export interface TransformerParams {
  /** `[vocabulary, model]`, or a table a cluster. */
  readonly embedding: tf.Tensor2D | AdaptiveEmbedding;
  readonly biases: PositionBiases;
  readonly layers: readonly LayerParams[];
  readonly finalNorm?: LayerNormParams;
  /** `[model, vocabulary]`, absent where the output is tied to the embedding; or that of a model with clusters. */
  readonly output?: tf.Tensor2D | AdaptiveOutput;
}

/** Sizes of a layer's heads, and its long-term memory; kernels N(0, .02²) where it names no initializer. */
export type LongTermLayerConfig = Pick<
  InfiniteFormerConfig,
  "heads" | "headSize" | "modelSize" | "longTerm"
> &
  Partial<Pick<InfiniteFormerConfig, "initializer">>;

/** Standard deviation of a kernel at the start, from the number of its inputs. */
function kernelDeviation(
  initializer: TransformerConfig["initializer"] = "normal",
): (inputs: number) => number {
  return initializer === "normal" ? () => 0.02 : (inputs) => 1 / Math.sqrt(3 * inputs);
}

/** The attention part of a configuration with a long-term memory, for every layer the same. */
export function continuousAttentionConfig(config: LongTermLayerConfig): ContinuousAttentionConfig {
  const { heads, headSize, modelSize } = config;
  return { heads, headSize, modelSize, ...attentionSettings(config.longTerm) };
}

/**
 * New parameters from a seed: kernels and embedding N(0, .02²), projections of
 * clusters N(0, .01²), as Transformer-XL's, or all as `initializer` says;
 * attention biases N(0, .02²), norms 1 and 0, other biases 0, the gate as
 * PyTorch's Conv1d. In a pre-norm model the projections that end in the
 * residual stream shrink by 1/√(2·layers), as in GPT-2.
 *
 * @returns tensors owned by the caller.
 */
export function initTransformer(config: TransformerConfig, rng: Rng): TransformerParams {
  const { layers, modelSize, heads, headSize, innerSize } = config;
  const deviation = kernelDeviation(config.initializer);
  const share = config.norm === "pre" ? 1 / Math.sqrt(2 * layers) : 1;
  const headShape = [heads, headSize];
  const { embedding, ...output } = initWords(config, rng);
  return {
    embedding,
    biases: {
      content: initNormal(headShape, 0.02, rng.split("content")) as tf.Tensor2D,
      position: initNormal(headShape, 0.02, rng.split("position")) as tf.Tensor2D,
    },
    layers: Array.from({ length: layers }, (_, index) => {
      const own = rng.split(`layer ${index}`);
      return {
        attention: initSelfAttention(
          {
            modelSize,
            heads,
            headSize,
            deviation: deviation(modelSize),
            outputDeviation: share * deviation(heads * headSize),
          },
          own.split("attention"),
        ),
        attentionNorm: initLayerNorm(modelSize),
        feedForward: initFeedForward(
          {
            modelSize,
            innerSize,
            innerDeviation: deviation(modelSize),
            outerDeviation: share * deviation(innerSize),
          },
          own.split("inner"),
        ),
        feedForwardNorm: initLayerNorm(modelSize),
        ...(hasLongTerm(config) ? { longTerm: initLongTerm(config, own.split("long-term")) } : {}),
      };
    }),
    ...(config.finalNorm ? { finalNorm: initLayerNorm(modelSize) } : {}),
    ...output,
  };
}

function initWords(config: TransformerConfig, rng: Rng): Pick<TransformerParams, "embedding" | "output"> {
  const { vocabularySize, modelSize, tiedOutput, adaptive, initializer } = config;
  const deviation = kernelDeviation(initializer);
  const normal = initializer === "normal";
  const words = (shape: readonly number[], own: Rng): tf.Tensor =>
    initNormal(shape, normal ? 0.02 : 1 / Math.sqrt(modelSize), own);
  const kernel = (shape: readonly number[], inputs: number, own: Rng): tf.Tensor =>
    initNormal(shape, deviation(inputs), own);
  if (adaptive !== null) {
    const projection = (shape: readonly number[], inputs: number, own: Rng): tf.Tensor =>
      initNormal(shape, normal ? 0.01 : deviation(inputs), own);
    return initAdaptive(
      config,
      adaptive,
      { words, table: kernel, bias: zeros, projection },
      rng.split("words"),
    );
  }
  return {
    embedding: words([vocabularySize, modelSize], rng.split("embedding")) as tf.Tensor2D,
    ...(tiedOutput
      ? {}
      : { output: kernel([modelSize, vocabularySize], modelSize, rng.split("output")) as tf.Tensor2D }),
  };
}

/** New parameters of one layer's long-term memory: kernels as `initializer` says, maps N(0, .02²), the gate as PyTorch's Conv1d; owned by the caller. */
export function initLongTerm(config: LongTermLayerConfig, rng: Rng): LongTermParams {
  return {
    attention: initContinuousAttention(
      continuousAttentionConfig(config),
      rng.split("attention"),
      kernelDeviation(config.initializer),
    ),
    ...(config.longTerm.gate ? { gate: initGate(config.modelSize, rng.split("gate")) } : {}),
  };
}
