export { createGenerator, generate, generateBatch, read } from "@infinite-former/transformer";
export type { Gpt2BlockInput, Gpt2BlockOutput, Gpt2CompressedReading } from "./block.js";
export { block } from "./block.js";
export { type CompressedUpdate, compressSegment, readCompressed } from "./compressed.js";
export type {
  Gpt2CompressedConfig,
  Gpt2Config,
  Gpt2DropoutRates,
  Gpt2LongTermConfig,
  Gpt2Options,
  Gpt2WithMemoryConfig,
} from "./config.js";
export {
  defaultGpt2CompressedConfig,
  defaultGpt2Config,
  defaultGpt2LongTermConfig,
  memoryLayers,
  remembers,
  resolveGpt2Config,
} from "./config.js";
export type { LayoutFaults, MisfitWeight } from "./errors.js";
export { Gpt2FolderError, Gpt2LayoutError } from "./errors.js";
export type { Gpt2 } from "./gpt2.js";
export { createGpt2, disposeGpt2, gpt2From, gpt2Functions } from "./gpt2.js";
export type { HuggingFaceAdditions } from "./hugging-face-config.js";
export { configFromHuggingFace, configToHuggingFace } from "./hugging-face-config.js";
export { joinRows } from "./join-rows.js";
export type { WeightSlot } from "./layout.js";
export { fromHuggingFace, toHuggingFace, weightSlots } from "./layout.js";
export { gpt2LongTermPresets } from "./long-term-presets.js";
export type { Gpt2CompressedParams, Gpt2MemoryParams, MemoryStart } from "./memory-params.js";
export { initLayerMemory } from "./memory-params.js";
export type { Gpt2ForwardOptions, Gpt2Model, Gpt2Output } from "./model.js";
export { gpt2 } from "./model.js";
export type { Gpt2AttentionParams, Gpt2LayerParams, Gpt2Params } from "./params.js";
export { initGpt2 } from "./params.js";
export type { Gpt2AttentionInput, Gpt2AttentionOutput } from "./self-attention.js";
export { selfAttention } from "./self-attention.js";
export type { Gpt2Cache, Gpt2State } from "./state.js";
export { initialState, resetRows, unfinished } from "./state.js";
export type { WeightSource } from "./weights.js";
export { assertWeights, readWeights, writeWeights } from "./weights.js";
