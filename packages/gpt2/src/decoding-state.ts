import type { CompressedMemory, LongTermMemory } from "@infinite-former/memory";
import { cloneTree, tidyTree } from "@infinite-former/tensor";
import type { DecodingTensors, RowPlace } from "@infinite-former/transformer";
import { growRows, layRing, slotsByAge } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { checkState } from "./check-state.js";
import type { Gpt2Config } from "./config.js";
import { memoryLayers } from "./config.js";
import type { Gpt2State } from "./state.js";
import { unfinished } from "./state.js";

/** What a layer holds, the newest row in the slot of the last step. */
export interface Gpt2Rings {
  /** `[batch, heads, L, headSize]` */
  readonly keys: tf.Tensor4D;
  /** `[batch, heads, L, headSize]` */
  readonly values: tf.Tensor4D;
  /** `[batch, 2·L, model]`: what the layer absorbs later; absent without memory. */
  readonly rows?: tf.Tensor3D;
}

/** What only the border of a segment changes. */
export interface Gpt2Past {
  /** Per memory but for its attention mass, which `noted` holds; empty without long-term memory. */
  readonly longTerm: readonly Pick<LongTermMemory, "coefficients" | "segments">[];
  /** Per memory, of full size; empty where nothing is compressed. */
  readonly compressed: readonly CompressedMemory[];
}

/** The tensors of a GPT-2 that writes; `filled` is L where `previous` belongs to the row's document, else 0. */
export type Gpt2Decoding = DecodingTensors<readonly Gpt2Rings[], readonly tf.Tensor2D[], Gpt2Past>;

/** A state as tensors of fixed shapes, owned by the caller; rings own their memory alone. */
export function layState(config: Gpt2Config, state: Gpt2State): Gpt2Decoding {
  checkState("generate", config, state);
  const { heads, headSize, layers, modelSize, segmentLength } = config;
  const [batch] = state.waiting.shape;
  const shape = [batch, heads, segmentLength, headSize];
  const withMemory = memoryLayers(config);
  return tidyTree(() => ({
    filled: tf.mul(state.waiting, segmentLength) as tf.Tensor1D,
    rings: Array.from({ length: layers }, (_, layer): Gpt2Rings => {
      const { keys = null, values = null } = state.cache[layer] ?? {};
      const rings = { keys: layRing(keys, shape), values: layRing(values, shape) };
      const slot = withMemory.indexOf(layer);
      if (slot < 0) return rings;
      const parts = [state.previous[slot], state.current[slot]].filter((part) => part !== undefined);
      const rows = parts.length > 1 ? tf.concat(parts, 1) : (parts[0] ?? null);
      return { ...rings, rows: layRing(rows, [batch, 2 * segmentLength, modelSize]) };
    }),
    noted: state.longTerm.flatMap(({ attended }) => (attended ? [tf.clone(attended)] : [])),
    longTerm: {
      longTerm: state.longTerm.map(({ coefficients, segments }) => cloneTree({ coefficients, segments })),
      compressed: layCompressed(config, state, batch),
    },
  }));
}

function layCompressed(
  { compressed, modelSize }: Gpt2Config,
  state: Gpt2State,
  batch: number,
): CompressedMemory[] {
  if (compressed === undefined) return [];
  const full: tf.Tensor3D = tf.zeros([1, compressed.length, modelSize]);
  return compressed.layers.map((_, slot) => {
    const own = state.compressed[slot];
    return {
      rows: tf.clone(growRows(own?.rows, batch, full)),
      filled: own === undefined ? tf.zeros([batch]) : tf.clone(own.filled),
    };
  });
}

/** The inverse after so many steps: a state that shares no memory with the rings, owned by the caller. */
export function stateOf(
  { segmentLength }: Gpt2Config,
  { filled, rings, noted, longTerm: past }: Gpt2Decoding,
  { current, recent }: RowPlace,
  time: number,
): Gpt2State {
  return tidyTree(() => {
    const slots = (size: number, age: number, count: number): tf.Tensor1D =>
      tf.tensor1d(slotsByAge(time - 1, size, age, count), "int32");
    const rows = (age: number, count: number): tf.Tensor3D[] => {
      if (count === 0) return [];
      const at = slots(2 * segmentLength, age, count);
      return rings.flatMap((own) => (own.rows === undefined ? [] : [tf.gather(own.rows, at, 1)]));
    };
    const seen = current === 0 ? null : slots(segmentLength, 0, current);
    return {
      cache:
        seen === null
          ? []
          : rings.map(({ keys, values }) => ({
              keys: tf.gather(keys, seen, 2),
              values: tf.gather(values, seen, 2),
            })),
      current: rows(0, current),
      previous: rows(current, recent),
      waiting: tf.minimum(filled, 1) as tf.Tensor1D,
      longTerm: past.longTerm.map((memory, slot) => {
        const attended = noted[slot];
        return cloneTree(attended === undefined ? memory : { ...memory, attended });
      }),
      compressed: cloneTree(past.compressed),
    };
  });
}

/** Where the rows of a state stand. */
export function placeOf(
  { segmentLength }: Gpt2Config,
  state: Gpt2State,
): Pick<RowPlace, "current" | "recent"> & { readonly rows: number } {
  const recent = state.previous.length > 0 ? segmentLength : 0;
  return { current: unfinished(state), recent, rows: state.waiting.shape[0] };
}
