import type { CompressedMemory } from "@infinite-former/memory";
import { emptyCompressedMemory } from "@infinite-former/memory";
import { cloneTree, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { CompressiveTransformerConfig } from "./compressive-config.js";
import type { CompressiveForwardModel } from "./compressive-forward.js";
import type { CompressiveMemory } from "./compressive-memory.js";
import { memorySource, rememberSegment } from "./compressive-memory.js";
import type { CompressiveLayerParams, CompressiveTransformerParams } from "./compressive-params.js";
import type { CompressiveState } from "./compressive-state.js";
import { checkCompressiveState, compressiveRows } from "./compressive-state.js";
import type { DecodingTensors, RowPlace } from "./decoder-parts.js";
import { growRows } from "./grow-rows.js";
import { ringKeysAndValues } from "./heads.js";
import { lastRows } from "./last-rows.js";
import { layRing, slotsByAge } from "./ring.js";

/** What a layer holds of the segment being written, the newest row in the slot of the last step. */
export interface CompressiveRings {
  /** `[batch, H, L, d]` */
  readonly keys: tf.Tensor4D;
  readonly values: tf.Tensor4D;
  /** `[batch, L, model]`: the attention's inputs. */
  readonly rows: tf.Tensor3D;
}

/** What a layer with a memory holds of the past; memories have their full size. */
export interface CompressivePast {
  /** `[batch, S, model]`; absent without a short-term memory. */
  readonly recent?: tf.Tensor3D;
  /** `[batch, C, model]`; absent where nothing is compressed. */
  readonly compressed?: CompressedMemory;
  /** `[batch, H, C + S, d]`: of the memory that the layer reads; absent where there is none. */
  readonly keys?: tf.Tensor4D;
  readonly values?: tf.Tensor4D;
}

/** The tensors of a Compressive Transformer that writes; `filled` also counts a segment that has just ended. */
export type CompressiveDecoding = DecodingTensors<
  readonly CompressiveRings[],
  readonly tf.Tensor2D[],
  readonly CompressivePast[]
>;

type Memories = readonly Pick<CompressivePast, "recent" | "compressed">[];

/** Memories with the keys and values that their layers read. */
export function withKeys(
  config: CompressiveTransformerConfig,
  layers: readonly CompressiveLayerParams[],
  memories: Memories,
): CompressivePast[] {
  const { memoryLayers } = config;
  return memories.map((own, slot) => {
    const { recent, compressed } = memories[memorySource(config, slot)] as Memories[0];
    const parts = [compressed?.rows, recent].filter((part) => part !== undefined);
    if (parts.length === 0) return own;
    const rows = parts.length > 1 ? tf.concat(parts, 1) : (parts[0] as tf.Tensor3D);
    const { attention } = layers[memoryLayers[slot] as number] as CompressiveLayerParams;
    return { ...own, ...ringKeysAndValues(attention.keysAndValues, rows, config.heads) };
  });
}

/**
 * A state as tensors of fixed shapes.
 *
 * @returns tensors owned by the caller; rings own their memory alone.
 * @throws {ShapeError} `ERR_SHAPE` if the state is another model's.
 */
export function layCompressiveState(
  { config, params }: CompressiveForwardModel,
  state: CompressiveState,
): CompressiveDecoding {
  checkCompressiveState("generate", config, state);
  const { heads, headSize, modelSize, segmentLength, shortTermLength, compressedLength: count } = config;
  const [batch] = state.filled.shape;
  const full = (rows: number): tf.Tensor3D => tf.zeros([1, rows, modelSize]);
  return tidyTree(() => {
    const memories = config.memoryLayers.map((_, slot) => {
      const own = state.compressed[slot];
      const empty = (): CompressedMemory => emptyCompressedMemory({ batch, count, modelSize });
      return {
        ...(shortTermLength > 0 && {
          recent: tf.clone(growRows(state.recent[slot], batch, full(shortTermLength))),
        }),
        ...(count > 0 && {
          compressed: own
            ? { rows: tf.clone(growRows(own.rows, batch, full(count))), filled: tf.clone(own.filled) }
            : empty(),
        }),
      };
    });
    const shape = [batch, heads, segmentLength, headSize];
    return {
      filled: tf.clone(state.filled),
      rings: params.layers.map(({ attention }, layer) => {
        const rows = state.current[layer] ?? null;
        const projected = rows === null ? null : ringKeysAndValues(attention.keysAndValues, rows, heads);
        return {
          keys: layRing(projected?.keys ?? null, shape),
          values: layRing(projected?.values ?? null, shape),
          rows: layRing(rows, [batch, segmentLength, modelSize]),
        };
      }),
      noted: [],
      longTerm: withKeys(config, params.layers, memories),
    };
  });
}

/**
 * Memories after a whole segment.
 *
 * @param filled `[batch]`, the segment counted. @param segment per layer `[batch, L, model]`, oldest first.
 */
export function rememberDecoded(
  config: CompressiveTransformerConfig,
  layers: readonly CompressiveLayerParams[],
  past: Memories,
  filled: tf.Tensor1D,
  segment: readonly tf.Tensor3D[],
): Pick<CompressivePast, "recent" | "compressed">[] {
  const before = tf.relu(tf.sub(filled, config.segmentLength)) as tf.Tensor1D;
  return config.memoryLayers.map((layer, slot) => {
    const { recent = null, compressed = null } = past[memorySource(config, slot)] as Memories[0];
    const memory: CompressiveMemory = { recent, compressed };
    const own = layers[layer] as CompressiveLayerParams;
    const next = rememberSegment(own, config, memory, before, segment[layer] as tf.Tensor3D, {
      withLoss: false,
      throughPast: false,
    });
    return {
      ...(next.recent && { recent: next.recent }),
      ...(next.compressed && { compressed: next.compressed }),
    };
  });
}

/** Rows of the last segment, the oldest first: `[batch, L, model]` per layer. */
export function segmentRows(rings: readonly CompressiveRings[], slots: tf.Tensor1D): tf.Tensor3D[] {
  return rings.map(({ rows }) => tf.gather(rows, slots, 1));
}

/**
 * The inverse of `layCompressiveState` after so many steps: what was compressed
 * comes at its full size, with empty rows in front.
 *
 * @param params of the layers, which a segment that has just ended is compressed with.
 * @returns a state that shares no memory with the rings, owned by the caller.
 */
export function compressiveStateOf(
  config: CompressiveTransformerConfig,
  { layers }: Pick<CompressiveTransformerParams, "layers">,
  { filled, rings, longTerm }: CompressiveDecoding,
  { current, recent, finished }: RowPlace,
  time: number,
): CompressiveState {
  const { segmentLength, shortTermLength } = config;
  const ended = current === 0 && finished;
  const taken = (count: number): tf.Tensor3D[] => {
    if (count === 0) return [];
    const slots = tf.tensor1d(slotsByAge(time - 1, segmentLength, 0, count), "int32");
    return segmentRows(rings, slots);
  };
  return tidyTree(() => {
    const past = ended
      ? rememberDecoded(config, layers, longTerm, filled, taken(segmentLength))
      : cloneTree(
          longTerm.map(({ recent, compressed }) => ({
            ...(recent && { recent }),
            ...(compressed && { compressed }),
          })),
        );
    const count = Math.min(recent, shortTermLength);
    return {
      compressed: past.flatMap(({ compressed }) => compressed ?? []),
      recent:
        count === 0 ? [] : past.flatMap((own) => (own.recent ? tf.clone(lastRows(own.recent, count)) : [])),
      current: taken(current),
      filled: tf.minimum(filled, shortTermLength) as tf.Tensor1D,
    };
  });
}

/** Where the rows of a state stand. */
export function compressivePlace(state: CompressiveState): { rows: number; current: number; recent: number } {
  const { current, recent } = compressiveRows(state);
  return { rows: state.filled.shape[0], current, recent };
}
