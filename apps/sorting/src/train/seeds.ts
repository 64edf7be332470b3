import * as tf from "@tensorflow/tfjs-core";

/** Seeds kept for the places of one segment that draw random numbers. */
const placesOfSegment = 1024;

/**
 * A seed for each segment of a step, so that no two draws of a run are alike.
 *
 * @returns `segments` tensors `[2]` int32, owned by the caller.
 */
export function segmentSeeds(seed: number, step: number, segments: number): tf.Tensor1D[] {
  return Array.from({ length: segments }, (_, segment) => {
    const number = (step * segments + segment) * placesOfSegment;
    return tf.tensor1d([seed | 0, number | 0], "int32");
  });
}
