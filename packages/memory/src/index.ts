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
export { defaultMemoryConfig, type MemoryConfig, memoryConfigErrors, resolveMemoryConfig } from "./config.js";
export { type Gated, type GateParams, gate, initGate } from "./gate.js";
export { absorb, emptyLongTermMemory, evaluate, type LongTermMemory, resetRows } from "./long-term.js";
export { createMemoryPlan, type MemoryPlan, type UpdateMaps } from "./plan.js";
export { decodeMemory, encodeMemory, MemoryFormatError, type MemorySize } from "./serialise.js";
export { appendRows } from "./short-term.js";
