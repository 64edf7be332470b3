import type { CompressionParams } from "@infinite-former/memory";
import { initCompression } from "@infinite-former/memory";
import type { Rng } from "@infinite-former/random";
import type { LayerNormParams } from "@infinite-former/tensor";
import { initLayerNorm, initNormal, initUniform, initUniformLinear, zeros } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { AdaptiveEmbedding, AdaptiveOutput } from "./adaptive-params.js";
import { initAdaptive } from "./adaptive-params.js";
import type { CompressiveAttentionParams } from "./compressive-attention.js";
import { initCompressiveAttention } from "./compressive-attention.js";
import type { CompressiveTransformerConfig } from "./compressive-config.js";
import { visibleRows } from "./compressive-config.js";
import { embeddingScale } from "./compressive-embedding.js";
import type { FeedForwardParams } from "./feed-forward.js";
import type { GatedResidualParams } from "./gated-residual.js";
import { initGatedResidual } from "./gated-residual.js";
import type { PlainOutput } from "./token-scores.js";

/** Parameters of one layer. */
export interface CompressiveLayerParams {
  readonly attentionNorm: LayerNormParams;
  readonly attention: CompressiveAttentionParams;
  /** Where residuals are gated. */
  readonly attentionGate?: GatedResidualParams;
  readonly feedForwardNorm: LayerNormParams;
  readonly feedForward: FeedForwardParams;
  /** Where residuals are gated. */
  readonly feedForwardGate?: GatedResidualParams;
  /** Where the layer has a compressed memory. */
  readonly compression?: CompressionParams;
}

/** All parameters of a Compressive Transformer: a tree of tensors. */
export interface CompressiveTransformerParams {
  /** `[vocabulary, model]`, or a table a cluster. */
  readonly embedding: tf.Tensor2D | AdaptiveEmbedding;
  /** `[heads, rows, headSize]`: a vector per head and distance, shared by all layers. */
  readonly positions: tf.Tensor3D;
  readonly layers: readonly CompressiveLayerParams[];
  /** `[model, vocabulary]` (absent where it is tied to the embedding) and `[vocabulary]`; or that of a model with clusters. */
  readonly output: PlainOutput | AdaptiveOutput;
}

/**
 * New parameters from a seed, as the reference begins: embedding N(0, 1),
 * positions 0, norms 1 and 0, all else as PyTorch's defaults. (From N(0, .02²)
 * throughout it learns to sort several times as slowly: docs/sorting.md.) A tied
 * output, which the reference has not, wants a table N(0, 1/model), read times
 * √model: so both ends begin as they do apart.
 *
 * @returns tensors owned by the caller.
 */
export function initCompressiveTransformer(
  config: CompressiveTransformerConfig,
  rng: Rng,
): CompressiveTransformerParams {
  const { heads, headSize, layers } = config;
  const { embedding, output } = initWords(config, rng);
  return {
    embedding,
    positions: zeros([heads, visibleRows(config), headSize]) as tf.Tensor3D,
    layers: Array.from({ length: layers }, (_, index) =>
      initLayer(config, index, rng.split(`layer ${index}`)),
    ),
    output,
  };
}

function initWords(
  config: CompressiveTransformerConfig,
  rng: Rng,
): Pick<CompressiveTransformerParams, "embedding" | "output"> {
  const { vocabularySize, modelSize, tiedOutput, adaptive } = config;
  const words = (shape: readonly number[], own: Rng): tf.Tensor =>
    initNormal(shape, 1 / embeddingScale(config), own);
  const uniform = (shape: readonly number[], inputs: number, own: Rng): tf.Tensor =>
    initUniform(shape, -1 / Math.sqrt(inputs), 1 / Math.sqrt(inputs), own);
  if (adaptive !== null) {
    const start = { words, table: uniform, bias: uniform, projection: uniform };
    return initAdaptive(config, adaptive, start, rng.split("words"));
  }
  const output = rng.split("output");
  return {
    embedding: words([vocabularySize, modelSize], rng.split("embedding")) as tf.Tensor2D,
    output: tiedOutput
      ? { bias: uniform([vocabularySize], modelSize, output) as tf.Tensor1D }
      : initUniformLinear({ inputs: modelSize, outputs: vocabularySize }, output),
  };
}

function initLayer(config: CompressiveTransformerConfig, index: number, rng: Rng): CompressiveLayerParams {
  const { modelSize, heads, headSize, innerSize, residual, memoryLayers } = config;
  const gated = residual === "gru";
  const compresses = config.compressedLength > 0 && memoryLayers.includes(index);
  const gate = (name: string): GatedResidualParams => initGatedResidual(modelSize, rng.split(name));
  const compression = { modelSize, ratio: config.compressionRatio };
  return {
    attentionNorm: initLayerNorm(modelSize),
    attention: initCompressiveAttention({ modelSize, heads, headSize }, rng.split("attention")),
    ...(gated ? { attentionGate: gate("attention gate") } : {}),
    feedForwardNorm: initLayerNorm(modelSize),
    feedForward: {
      inner: initUniformLinear({ inputs: modelSize, outputs: innerSize }, rng.split("inner")),
      outer: initUniformLinear({ inputs: innerSize, outputs: modelSize }, rng.split("outer")),
    },
    ...(gated ? { feedForwardGate: gate("inner gate") } : {}),
    ...(compresses ? { compression: initCompression(compression, rng.split("compression")) } : {}),
  };
}
