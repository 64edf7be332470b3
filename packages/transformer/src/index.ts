export { absorbLeaving, type Leaving, rememberingRows } from "./absorb-leaving.js";
export type { AdaptiveConfig, Cluster } from "./adaptive-config.js";
export { clustersOf } from "./adaptive-config.js";
export { type AdaptiveCrossEntropy, adaptiveCrossEntropy } from "./adaptive-cross-entropy.js";
export { adaptiveLogProbabilities } from "./adaptive-log-probabilities.js";
export type {
  AdaptiveEmbedding,
  AdaptiveOutput,
  AdaptiveParams,
  ClusterTable,
  WordParams,
} from "./adaptive-params.js";
export { isAdaptive } from "./adaptive-params.js";
export { type AttentionCoreInput, attentionCore } from "./attention-core.js";
export { attentionMask } from "./attention-mask.js";
export type { BlockConfig, BlockInput, BlockOutput, BlockParams, LongTermReading } from "./block.js";
export { block, densitiesOf } from "./block.js";
export { checkPiece } from "./check-piece.js";
export { checkRows, type RowsOfState } from "./check-rows.js";
export { checkSamePlace } from "./check-same-place.js";
export {
  type ClusteredTargets,
  type ClusterTargets,
  type ClusterTensors,
  clusterTargets,
  clusterTensors,
} from "./cluster-targets.js";
export type { Compile, CompiledFunction } from "./compile.js";
export type { CompressiveAttentionInput, CompressiveAttentionParams } from "./compressive-attention.js";
export { compressiveAttention } from "./compressive-attention.js";
export type { CompressiveTransformerConfig, CompressiveTransformerOptions } from "./compressive-config.js";
export {
  defaultCompressiveTransformerConfig,
  resolveCompressiveTransformerConfig,
} from "./compressive-config.js";
export type {
  CompressiveForwardModel,
  CompressiveForwardOptions,
  CompressiveForwardOutput,
} from "./compressive-forward.js";
export { joinCompressiveRows } from "./compressive-join.js";
export type { CompressiveMemory, CompressiveMemoryParams, RememberedSegment } from "./compressive-memory.js";
export { rememberSegment } from "./compressive-memory.js";
export type { CompressiveLayerParams, CompressiveTransformerParams } from "./compressive-params.js";
export { initCompressiveTransformer } from "./compressive-params.js";
export { distanceRows } from "./compressive-positions.js";
export type { CompressiveForm } from "./compressive-presets.js";
export { compressivePresets } from "./compressive-presets.js";
export { attentionReconstruction, zeroReconstructionLoss } from "./compressive-reconstruction.js";
export type { CompressiveState } from "./compressive-state.js";
export { initialCompressiveState, resetCompressiveRows } from "./compressive-state.js";
export type { CompressiveTransformer } from "./compressive-transformer.js";
export {
  compressiveFunctions,
  compressiveTransformer,
  createCompressiveTransformer,
  disposeCompressiveTransformer,
} from "./compressive-transformer.js";
export type {
  InfiniteFormerConfig,
  InfiniteFormerOptions,
  LongTermConfig,
  TransformerConfig,
  TransformerXlConfig,
  TransformerXlOptions,
} from "./config.js";
export {
  defaultLongTermConfig,
  defaultTransformerConfig,
  hasLongTerm,
  memoryConfig,
  resolveInfiniteFormerConfig,
  resolveLongTermConfig,
  resolveTransformerXlConfig,
} from "./config.js";
export type { ConfigChecks } from "./config-checks.js";
export { configChecks } from "./config-checks.js";
export { createDecoder } from "./create-decoder.js";
export type { Decoder, Decoding } from "./decoder.js";
export type { DecoderParts, DecodingTensors, RowPlace } from "./decoder-parts.js";
export type { DropoutSeeds } from "./dropout-seeds.js";
export { dropoutSeeds, noDropout } from "./dropout-seeds.js";
export { embedTokens } from "./embed-tokens.js";
export type { Activation, FeedForwardParams } from "./feed-forward.js";
export { feedForward, initFeedForward } from "./feed-forward.js";
export { firstKey } from "./first-key.js";
export type { ForwardModel, ForwardOutput } from "./forward.js";
export { forward } from "./forward.js";
export type { GatedResidualParams } from "./gated-residual.js";
export { gatedResidual } from "./gated-residual.js";
export { generate, generateBatch } from "./generate.js";
export type { GenerateBatchOptions, GenerateOptions, GenerationOptions } from "./generate-options.js";
export type { Generator, GeneratorOptions } from "./generator.js";
export { createGenerator } from "./generator.js";
export { growRows } from "./grow-rows.js";
export { type KeysAndValues, ringKeysAndValues } from "./heads.js";
export type { InfiniteFormer } from "./infinite-former.js";
export { createInfiniteFormer, disposeInfiniteFormer, infiniteFormer } from "./infinite-former.js";
export { joinRows } from "./join-rows.js";
export type {
  ForwardOptions,
  LanguageModel,
  LanguageModelFunctions,
  LanguageModelOutput,
} from "./language-model.js";
export { lastRows } from "./last-rows.js";
export { logitRows } from "./logit-rows.js";
export type { LongTermForm } from "./long-term-presets.js";
export { longTermPresets } from "./long-term-presets.js";
export type { LongTermRead, LongTermReadingTensors } from "./long-term-reading.js";
export { prepareLongTermReading, readLongTerm } from "./long-term-reading.js";
export { type LongTermStructure, longTermStructure } from "./long-term-structure.js";
export type { LayerParams, LongTermLayerConfig, LongTermParams, TransformerParams } from "./params.js";
export { continuousAttentionConfig, initLongTerm, initTransformer } from "./params.js";
export { meanPenalty } from "./penalty.js";
export type { ReadOptions, ReadOutput } from "./read.js";
export { read } from "./read.js";
export type { ReadRaggedOutput } from "./read-ragged.js";
export { readRagged } from "./read-ragged.js";
export { relativePositions } from "./relative-position.js";
export { RequestError } from "./request-error.js";
export { layRing, slotsByAge, writeRing } from "./ring.js";
export type { RingAttentionInput, RingAttentionOutput, RingView } from "./ring-attention.js";
export { ringAttention, ringView } from "./ring-attention.js";
export { rowFeedForward } from "./row-feed-forward.js";
export { fewRows, manyRows, type RowMap, type RowProduct } from "./row-product.js";
export type { SamplingOptions } from "./sampling.js";
export { checkSampling, sampleToken } from "./sampling.js";
export type {
  PositionBiases,
  SelfAttentionInput,
  SelfAttentionOutput,
  SelfAttentionParams,
} from "./self-attention.js";
export { initSelfAttention, selfAttention } from "./self-attention.js";
export type { TransformerState } from "./state.js";
export { initialState, recentCapacity, resetRows, stateRows } from "./state.js";
export { stickyRowSeeds, stickySeeds } from "./sticky-seeds.js";
export { type PlainOutput, tokenScores } from "./token-scores.js";
export type { TransformerModel } from "./transformer-functions.js";
export { transformerFunctions } from "./transformer-functions.js";
export type { TransformerXl } from "./transformer-xl.js";
export { createTransformerXl, disposeTransformerXl, transformerXl } from "./transformer-xl.js";
