import type { CompressedMemory, LongTermMemory, MemoryPlan } from "@infinite-former/memory";
import type { LongTermParams, LongTermReading } from "@infinite-former/transformer";
import { continuousAttentionConfig } from "@infinite-former/transformer";
import type * as tf from "@tensorflow/tfjs-core";
import type { Gpt2CompressedReading } from "./block.js";
import { compressSegment } from "./compressed.js";
import { type Gpt2CompressedConfig, remembers } from "./config.js";
import { remembered } from "./long-term.js";
import type { Gpt2CompressedParams } from "./memory-params.js";
import type { Gpt2Model } from "./model.js";
import type { Gpt2LayerParams } from "./params.js";
import { type Gpt2State, unfinished } from "./state.js";

/** What a layer reads of its past in one pass. */
export interface MemoryRead {
  /** The long-term memory that is read, and recorded in. */
  readonly memory: LongTermMemory | null;
  readonly longTerm: LongTermReading | null;
  readonly compressed: Gpt2CompressedReading | null;
}

/** Which memory, and how it is brought up to date. */
export interface MemoryPlace {
  /** Its place among the memories. */
  readonly slot: number;
  /** Where a sticky memory samples its past. */
  readonly positions: tf.Tensor2D | undefined;
  /** Whether the reconstruction is measured. */
  readonly measured: boolean;
}

/** Of a layer without memory, or before there is one. */
export const nothingRead: MemoryRead = Object.freeze({ memory: null, longTerm: null, compressed: null });

/**
 * The memory of a layer as this segment reads it, whatever its kind: brought up
 * to date at the start of a segment, as it is inside one.
 *
 * @param state with `previous`; borrowed. Runs inside the caller's tidy.
 */
export function readMemory(
  { config, plan }: Gpt2Model,
  params: Gpt2LayerParams,
  state: Gpt2State,
  { slot, positions, measured }: MemoryPlace,
): MemoryRead {
  if (remembers(config)) {
    const own = params.longTerm as LongTermParams;
    const memory = remembered(plan as MemoryPlan, own, state, slot, positions);
    const { coefficients } = memory;
    const reading = { params: own.attention, config: continuousAttentionConfig(config), coefficients };
    return { ...nothingRead, memory, longTerm: reading };
  }
  const own = params.compressed as Gpt2CompressedParams;
  const past = state.compressed[slot] ?? null;
  if (unfinished(state) > 0) {
    const memory = past as CompressedMemory;
    return { ...nothingRead, compressed: { params: own, memory, update: null } };
  }
  const rows = state.previous[slot] as tf.Tensor3D;
  const update = compressSegment(own, config.compressed as Gpt2CompressedConfig, past, rows, state.waiting);
  const { memory } = update;
  return { ...nothingRead, compressed: { params: own, memory, update: measured ? update : null } };
}
