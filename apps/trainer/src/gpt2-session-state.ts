import { type Gpt2Config, type Gpt2State, memoryLayers, remembers } from "@infinite-former/gpt2";
import type * as tf from "@tensorflow/tfjs-core";
import { longTermState } from "./long-term-state.js";
import type { StateReader } from "./state-reader.js";

/** The state of one stream of a GPT-2, from a file's tensors. */
export function gpt2SessionState(reader: StateReader, config: Gpt2Config): Gpt2State {
  const { read, rowsOf, rowCount, isCount } = reader;
  const { layers, heads, headSize, modelSize, segmentLength } = config;
  const memories = memoryLayers(config).length;
  const caches = Array.from({ length: layers }, (_, layer) => [
    `cache.${layer}.keys`,
    `cache.${layer}.values`,
  ]);
  const seen = rowCount(caches.flat(), 2, segmentLength - 1);
  const previous = Array.from({ length: memories }, (_, slot) => `previous.${slot}`);
  const head = [1, heads, seen, headSize];
  const rows = (name: string, count: number): tf.Tensor3D[] =>
    Array.from({ length: memories }, (_, slot) => read(`${name}.${slot}`, [1, count, modelSize]));
  return {
    cache: Array.from({ length: seen === 0 ? 0 : layers }, (_, layer) => ({
      keys: read<tf.Tensor4D>(`cache.${layer}.keys`, head),
      values: read<tf.Tensor4D>(`cache.${layer}.values`, head),
    })),
    current: seen === 0 ? [] : rows("current", seen),
    previous: rowCount(previous, 1, segmentLength) === 0 ? [] : rows("previous", segmentLength),
    waiting: read<tf.Tensor1D>("waiting", [1], (value) => value === 0 || value === 1),
    longTerm: remembers(config) ? longTermState(reader, config, memories) : [],
    compressed: rowsOf("compressed", memories, modelSize, config.compressed?.length ?? 0, ".rows").map(
      (own, slot) => {
        const fits = (value: number): boolean => isCount(value) && value <= own.shape[1];
        return { rows: own, filled: read<tf.Tensor1D>(`compressed.${slot}.filled`, [1], fits) };
      },
    ),
  };
}
