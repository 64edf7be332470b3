import type { LongTermMemory } from "@infinite-former/memory";
import { cloneTree, layerNorm, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { checkState } from "./check-state.js";
import type { TransformerConfig } from "./config.js";
import { hasLongTerm } from "./config.js";
import type { DecodingTensors, RowPlace } from "./decoder-parts.js";
import type { ForwardModel } from "./forward.js";
import { ringKeysAndValues } from "./heads.js";
import { lastRows } from "./last-rows.js";
import { layRing, slotsByAge } from "./ring.js";
import type { TransformerState } from "./state.js";
import { recentCapacity, stateRows } from "./state.js";

/** What a layer holds of the past, the newest row in the slot of the last step. */
export interface LayerRings {
  /** `[batch, H, C, d]`: keys of the last S rows and of the unfinished segment. */
  readonly keys: tf.Tensor4D;
  /** `[batch, H, C, d]` */
  readonly values: tf.Tensor4D;
  /** `[batch, R, model]`: inputs of the layer, as a `TransformerState` holds them. */
  readonly rows: tf.Tensor3D;
}

/** What every step adds to: per layer the attention mass `[batch, stickyBins]` of sticky memories; else empty. */
export type AttentionNoted = readonly tf.Tensor2D[];

/** Per layer the long-term memory but for its attention mass; empty in a Transformer-XL. */
export type LongTermLayers = readonly Pick<LongTermMemory, "coefficients" | "segments">[];

/** The tensors of a transformer that writes. */
export type TransformerDecoding = DecodingTensors<readonly LayerRings[], AttentionNoted, LongTermLayers>;

/** Slots of a layer's rings. */
export interface RingSizes {
  /** C: the short-term memory and a segment. */
  readonly keys: number;
  /** R: all rows of the past that a state holds, and a segment. */
  readonly rows: number;
}

/** Slots of the rings under a configuration. */
export function ringSizes(config: TransformerConfig): RingSizes {
  const { segmentLength, shortTermLength } = config;
  return { keys: shortTermLength + segmentLength, rows: recentCapacity(config) + segmentLength };
}

/** A memory and its attention mass, which decoding holds apart. */
export function withAttention(
  memory: LongTermLayers[number],
  attended: tf.Tensor2D | undefined,
): LongTermMemory {
  return attended === undefined ? memory : { ...memory, attended };
}

/**
 * A state as tensors of fixed shapes: keys and values of what a token can see
 * are projected, rows are laid into rings. Empty memories have their full size.
 *
 * @returns tensors owned by the caller; rings own their memory alone.
 * @throws {ShapeError} `ERR_SHAPE` if the state is another model's.
 */
export function layState({ config, params }: ForwardModel, state: TransformerState): TransformerDecoding {
  checkState("generate", config, state);
  const { heads, headSize, modelSize, shortTermLength } = config;
  const [batch] = state.filled.shape;
  const slots = ringSizes(config);
  const near = Math.min(stateRows(state).recent, shortTermLength);
  return tidyTree(() => ({
    filled: tf.clone(state.filled),
    rings: params.layers.map(({ attention, attentionNorm }, layer) => {
      const [recent, current] = [state.recent[layer], state.current[layer]];
      const seen = joined([recent && near > 0 ? lastRows(recent, near) : undefined, current]);
      const read = seen !== null && config.norm === "pre" ? layerNorm(attentionNorm, seen) : seen;
      const projected =
        read === null ? null : ringKeysAndValues(attention.keysAndValues, read as tf.Tensor3D, heads);
      const shape = [batch, heads, slots.keys, headSize];
      return {
        keys: layRing(projected?.keys ?? null, shape),
        values: layRing(projected?.values ?? null, shape),
        rows: layRing(joined([recent, current]), [batch, slots.rows, modelSize]),
      };
    }),
    noted: state.longTerm.flatMap(({ attended }) => (attended ? [tf.clone(attended)] : [])),
    longTerm: state.longTerm.map(({ coefficients, segments }) => cloneTree({ coefficients, segments })),
  }));
}

/**
 * The inverse of `layState` after so many steps.
 *
 * @returns a state that shares no memory with the rings, owned by the caller.
 */
export function stateOf(
  config: TransformerConfig,
  { filled, rings, noted, longTerm }: TransformerDecoding,
  { current, recent }: RowPlace,
  time: number,
): TransformerState {
  const slots = ringSizes(config).rows;
  return tidyTree(() => {
    const taken = (age: number, count: number): tf.Tensor3D[] => {
      if (count === 0) return [];
      const indices = tf.tensor1d(slotsByAge(time - 1, slots, age, count), "int32");
      return rings.map(({ rows }) => tf.gather(rows, indices, 1));
    };
    return {
      recent: taken(current, recent),
      current: taken(0, current),
      filled: tf.clone(filled),
      longTerm: hasLongTerm(config)
        ? longTerm.map((memory, layer) => cloneTree(withAttention(memory, noted[layer])))
        : [],
    };
  });
}

function joined(parts: readonly (tf.Tensor3D | undefined)[]): tf.Tensor3D | null {
  const there = parts.filter((part) => part !== undefined);
  return there.length > 1 ? tf.concat(there, 1) : (there[0] ?? null);
}
