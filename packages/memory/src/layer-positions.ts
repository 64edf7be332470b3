import * as tf from "@tensorflow/tfjs-core";
import type { MemoryConfig } from "./config.js";
import { drawPositions } from "./draw-positions.js";
import type { LongTermMemory } from "./long-term.js";
import { updateDraws } from "./update-draws.js";

/**
 * Where the next update of each layer samples its past: `undefined` with
 * uniform sampling, else positions for `absorb`, every layer with draws and
 * attention of its own.
 *
 * @param memories one a layer, all with the same history of updates. Borrowed.
 * @param seeds `[batch, 2]` int32, one seed a row, see `updateDraws`; (0, 0) in every row by default.
 * @returns one a layer, owned by the caller.
 * @throws {ShapeError} `ERR_SHAPE` if the batch sizes differ.
 */
export function layerPositions(
  config: MemoryConfig,
  memories: readonly LongTermMemory[],
  seeds?: tf.Tensor2D,
): readonly (tf.Tensor2D | undefined)[] {
  const [first] = memories;
  if (first === undefined || config.sampling === "uniform") return memories.map(() => undefined);
  return tf.tidy(() => {
    const { segments } = first;
    const given = seeds ?? tf.zeros<tf.Rank.R2>([segments.size, 2], "int32");
    const draws = updateDraws(given, segments, memories.length * config.sampleCount);
    const own = tf.split(draws, memories.length, 1);
    return memories.map(({ attended }, layer) =>
      drawPositions(config, attended as tf.Tensor2D, own[layer] as tf.Tensor2D),
    ) as unknown as tf.TensorContainer;
  }) as unknown as tf.Tensor2D[];
}
