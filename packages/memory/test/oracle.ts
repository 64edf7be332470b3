import { createRng, uniforms } from "@infinite-former/random";
import {
  evaluateSignal,
  coefficients as fitCoefficients,
  fitContracted,
  fitSegment,
  gaussianBasis,
  type Matrix,
  matrix,
  sampledPositions,
} from "@infinite-former/signal";
import * as tf from "@tensorflow/tfjs-core";
import {
  emptyLongTermMemory,
  type LongTermMemory,
  type MemoryConfig,
  resolveMemoryConfig,
} from "../src/index.js";

/** Width of the vectors in these tests. */
export const model = 3;

/** A small memory. */
export const config: MemoryConfig = resolveMemoryConfig({
  basisCount: 16,
  basisWidths: [0.05, 0.1],
  ridge: 0.5,
  contraction: 0.7,
  sampleCount: 40,
  segmentLength: 10,
});

/** float32 products over a hundred terms against float64. */
export const float32 = { abs: 2e-6, rel: 1e-5 };

const rng = createRng(33);

/** Random numbers in [−1, 1) of a shape. */
export function random(shape: readonly [number, number, number]): tf.Tensor3D {
  return tf.tensor3d(uniforms(rng, shape[0] * shape[1] * shape[2], -1, 1), [...shape]);
}

/** A memory of these tests that has absorbed nothing. */
export function empty(batch: number, stickyBins?: number): LongTermMemory {
  const size = { batch, basisCount: config.basisCount, modelSize: model };
  return emptyLongTermMemory(stickyBins === undefined ? size : { ...size, stickyBins });
}

/**
 * One row's coefficients after its segments, by the definition in float64: sample, contract, fit anew.
 *
 * @param positionsOf where the update by segment `index` samples the past; `i/M` by default.
 */
export function oracle(
  segments: readonly Matrix[],
  settings: MemoryConfig = config,
  positionsOf: (index: number) => ArrayLike<number> = () => sampledPositions(settings.sampleCount),
): Matrix {
  const { ridge, sampleCount, contraction } = settings;
  const basis = gaussianBasis({ count: settings.basisCount, widths: settings.basisWidths });
  let past: Matrix | undefined;
  for (const [index, segment] of segments.entries()) {
    const length = segment.rows;
    if (past === undefined) {
      past = fitCoefficients(fitSegment({ basis, length, ridge }), segment);
    } else {
      const samples = evaluateSignal(basis, past, positionsOf(index));
      const rows = matrix(sampleCount + length, model, Float64Array.from([...samples.data, ...segment.data]));
      past = fitCoefficients(fitContracted({ basis, length, ridge, sampleCount, contraction }), rows);
    }
  }
  return past as Matrix;
}

/** Row `b` of a segment as a float64 matrix. */
export function rowOf(segment: tf.Tensor3D, b: number): Matrix {
  return matrix(segment.shape[1], model, Float64Array.from(tf.slice(segment, b, 1).dataSync()));
}

/** Row `b` of the coefficients. */
export function coefficientsOf(memory: LongTermMemory, b: number): Float32Array {
  return tf.slice(memory.coefficients, b, 1).dataSync() as Float32Array;
}
