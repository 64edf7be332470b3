export { type AbsorbOptions, absorb } from "./absorb.js";
export { type AbsorbOriginsOptions, absorbOrigins } from "./absorb-origins.js";
export { type AttentionDensities, attentionMass } from "./attention-mass.js";
export { basisValues } from "./basis-values.js";
export { checkMemory, type KnownSizes, type MemoryShape } from "./check-memory.js";
export {
  appendCompressed,
  type CompressedMemory,
  emptyCompressedMemory,
  resetCompressedRows,
} from "./compressed-memory.js";
export {
  type CompressionParams,
  compressedCount,
  compressRows,
  initCompression,
  type Remainder,
} from "./compressed-rows.js";
export {
  defaultMemoryConfig,
  type MemoryConfig,
  memoryConfigErrors,
  memoryDefaults,
  resolveMemoryConfig,
} from "./config.js";
export { type AnyAttentionDensities, densityMass } from "./density-mass.js";
export { drawPositions } from "./draw-positions.js";
export { type UpdateFits, updateFits } from "./fits.js";
export { fork } from "./fork.js";
export { type Gated, type GateParams, gate, initGate } from "./gate.js";
export { assertBounded, memoryGrowth } from "./growth.js";
export { type BinRecord, type InspectOptions, inspectMemory, type SegmentShare } from "./inspect-memory.js";
export { layerPositions } from "./layer-positions.js";
export {
  emptyLongTermMemory,
  evaluate,
  type LongTermMemory,
  type LongTermMemorySize,
  resetRows,
} from "./long-term.js";
export { merge } from "./merge.js";
export { type MergeFits, mergeFits } from "./merge-fits.js";
export { mergeOrigins } from "./merge-origins.js";
export {
  emptyOrigins,
  type Origin,
  type Origins,
  originAt,
  positionOf,
  type RowOrigins,
  resetOrigins,
} from "./origins.js";
export { createMemoryPlan, type MemoryPlan, type MergeMaps, type UpdateMaps } from "./plan.js";
export { type ReconstructionOptions, reconstructionError } from "./reconstruction-error.js";
export { recordAttention } from "./record-attention.js";
export { type Stretch, segmentStretch } from "./segment-places.js";
export { fromBytes, MemoryFormatError, type MemorySize, toBytes } from "./serialise.js";
export { appendRows } from "./short-term.js";
export { uniformOrigins } from "./uniform-origins.js";
export { updateDraws } from "./update-draws.js";
