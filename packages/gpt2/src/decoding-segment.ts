import type { LongTermMemory, MemoryPlan } from "@infinite-former/memory";
import { cloneTree, tidyTree } from "@infinite-former/tensor";
import type { KeysAndValues, LongTermParams, LongTermReadingTensors } from "@infinite-former/transformer";
import {
  absorbLeaving,
  continuousAttentionConfig,
  prepareLongTermReading,
  rememberingRows,
  ringKeysAndValues,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { compressSegment } from "./compressed.js";
import { type Gpt2CompressedConfig, memoryLayers, remembers } from "./config.js";
import type { Gpt2Decoding, Gpt2Past } from "./decoding-state.js";
import type { Gpt2CompressedParams } from "./memory-params.js";
import type { Gpt2Model } from "./model.js";
import type { Gpt2LayerParams, Gpt2Params } from "./params.js";

/** What every step of a segment reads and none changes. */
export interface Gpt2Reading {
  /** `[batch, 1]`: 1 where there is a long-term memory. */
  readonly remembering: tf.Tensor2D;
  /** Per memory; empty without long-term memory. */
  readonly longTerm: readonly LongTermReadingTensors[];
  /** Per memory, and how many rows count in each; empty where nothing is compressed. */
  readonly compressed: readonly (KeysAndValues & { readonly filled: tf.Tensor1D })[];
}

/** What enters a segment. */
interface Entering {
  /** `[batch]`: 1 in rows that enter and whose last segment was their document's. */
  readonly active: tf.Tensor1D;
  /** Per memory `[batch, 2·L, model]`. */
  readonly rows: readonly tf.Tensor3D[];
  /** `[leaving]` int32, oldest first. */
  readonly slots: tf.Tensor1D;
  readonly leaving: number;
}

/** What a border gives. */
interface Entered {
  readonly noted: readonly tf.Tensor2D[];
  readonly longTerm: Gpt2Past;
  readonly reading: Gpt2Reading;
}

/**
 * The border of a segment: rows that enter one absorb, or compress, the segment
 * before it, if it was their document's; then what depends on no query is computed.
 *
 * @param flags `[batch]`, 1 in rows that enter. @param slots `[leaving]` int32, oldest first.
 */
export function enterSegment(
  model: Pick<Gpt2Model, "config" | "plan">,
  params: Gpt2Params,
  decoding: Gpt2Decoding,
  stickySeeds: tf.Tensor2D,
  flags: tf.Tensor1D,
  slots: tf.Tensor1D,
  leaving: number,
): Entered {
  const { config } = model;
  return tidyTree(() => {
    const { filled, rings } = decoding;
    const layers = memoryLayers(config).map((layer) => params.layers[layer] as Gpt2LayerParams);
    const whole = tf.cast(tf.greaterEqual(filled, config.segmentLength), "float32");
    const active: tf.Tensor1D = tf.mul(flags, whole);
    const rows = rings.flatMap((ring) => ring.rows ?? []);
    const entering: Entering = { active, rows, slots, leaving };
    if (remembers(config)) return enterLongTerm(model, layers, decoding, entering, stickySeeds);
    const remembering = tf.mul(tf.expandDims(filled, 1), 0) as tf.Tensor2D;
    const compressed = config.compressed && enterCompressed(config, layers, decoding, entering);
    return {
      noted: [],
      longTerm: { longTerm: [], compressed: compressed?.past ?? [] },
      reading: { remembering, longTerm: [], compressed: compressed?.reading ?? [] },
    };
  });
}

function enterLongTerm(
  { config, plan }: Pick<Gpt2Model, "config" | "plan">,
  layers: readonly Gpt2LayerParams[],
  { noted, longTerm: past }: Gpt2Decoding,
  { active, rows, slots, leaving }: Entering,
  stickySeeds: tf.Tensor2D,
): Entered {
  const before = past.longTerm.map((memory, slot): LongTermMemory => {
    const attended = noted[slot];
    return attended === undefined ? memory : { ...memory, attended };
  });
  const own = layers.map((layer) => layer.longTerm as LongTermParams);
  const leave = { active, slots, count: leaving, stickySeeds };
  const memories = absorbLeaving(plan as MemoryPlan, before, own, rows, leave);
  const attention = continuousAttentionConfig(config as Parameters<typeof continuousAttentionConfig>[0]);
  return {
    noted: memories.flatMap(({ attended }) => attended ?? []),
    longTerm: {
      longTerm: memories.map(({ coefficients, segments }) => ({ coefficients, segments })),
      compressed: [],
    },
    reading: {
      remembering: rememberingRows(memories),
      longTerm: memories.map(({ coefficients }, slot) =>
        prepareLongTermReading((own[slot] as LongTermParams).attention, attention, coefficients),
      ),
      compressed: [],
    },
  };
}

function enterCompressed(
  { compressed, heads }: Gpt2Model["config"],
  layers: readonly Gpt2LayerParams[],
  { longTerm: past }: Gpt2Decoding,
  { active, rows, slots, leaving }: Entering,
): { readonly past: Gpt2Past["compressed"]; readonly reading: Gpt2Reading["compressed"] } {
  const own = layers.map((layer) => layer.compressed as Gpt2CompressedParams);
  const memories = past.compressed.map((memory, slot) => {
    if (leaving === 0) return cloneTree(memory);
    const segment: tf.Tensor3D = tf.gather(rows[slot] as tf.Tensor3D, slots, 1);
    const params = own[slot] as Gpt2CompressedParams;
    return compressSegment(params, compressed as Gpt2CompressedConfig, memory, segment, active).memory;
  });
  const reading = memories.map((memory, slot) => ({
    ...ringKeysAndValues((own[slot] as Gpt2CompressedParams).keysAndValues, memory.rows, heads),
    filled: tf.clone(memory.filled),
  }));
  return { past: memories, reading };
}
