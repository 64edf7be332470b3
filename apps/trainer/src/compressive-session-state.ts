import type { CompressiveState, CompressiveTransformerConfig } from "@infinite-former/transformer";
import type * as tf from "@tensorflow/tfjs-core";
import type { StateReader } from "./state-reader.js";

/** The state of one stream of a Compressive Transformer, from a file's tensors. */
export function compressiveSessionState(
  { read, rowsOf, isCount }: StateReader,
  config: CompressiveTransformerConfig,
): CompressiveState {
  const { memoryLayers, layers, modelSize, segmentLength, shortTermLength, compressedLength } = config;
  const recent = rowsOf("recent", memoryLayers.length, modelSize, shortTermLength);
  const current = rowsOf("current", layers, modelSize, segmentLength - 1);
  const compressed = rowsOf("compressed", memoryLayers.length, modelSize, compressedLength, ".rows").map(
    (rows, slot) => {
      const most = rows.shape[1];
      const fits = (value: number): boolean => isCount(value) && value <= most;
      return { rows, filled: read<tf.Tensor1D>(`compressed.${slot}.filled`, [1], fits) };
    },
  );
  const rows = recent[0]?.shape[1] ?? 0;
  const filled = read<tf.Tensor1D>("filled", [1], (value) => isCount(value) && value <= rows);
  return { compressed, recent, current, filled };
}
