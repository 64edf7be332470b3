import {
  designMatrix,
  fitContracted,
  fitSegment,
  gaussianBasis,
  type Matrix,
  multiply,
  sampledPositions,
  transpose,
} from "@infinite-former/signal";
import type { MemoryConfig } from "./config.js";

/** The linear maps of one update by a segment of one length, in float64. */
export interface UpdateFits {
  /** `Gᵀ` `[N, length]`: a first segment to coefficients. */
  readonly first: Matrix;
  /** `G_infᵀ[:, M:]` `[N, length]`: a later segment's share of the coefficients. */
  readonly take: Matrix;
  /** `G_infᵀ[:, :M]` `[N, M]`: the share of M samples of the past, wherever they were taken. */
  readonly resample: Matrix;
  /** `G_infᵀ[:, :M] · Ψ(i/M)ᵀ` `[N, N]`: the past's share, sampled evenly and contracted in one step. */
  readonly carry: Matrix;
}

/** How many configurations × lengths are remembered; each is N·(2·length + M + N) numbers. */
const remembered = 16;
const cache = new Map<string, UpdateFits>();

/**
 * The maps of one update, composed in float64: the authors' float32 inverse is
 * 1–6 % off at the paper's size. Remembered by configuration, since a fit takes
 * seconds at that size and every layer of a model needs the same one.
 *
 * @param config resolved.
 * @param length of the segment, ≥ 1.
 */
export function updateFits(config: MemoryConfig, length: number): UpdateFits {
  const { basisCount, basisWidths, ridge, contraction, sampleCount } = config;
  const key = JSON.stringify([basisCount, basisWidths, ridge, contraction, sampleCount, length]);
  const found = cache.get(key);
  if (found) return found;
  const basis = gaussianBasis({ count: basisCount, widths: basisWidths });
  const first = transpose(fitSegment({ basis, length, ridge }));
  const both = transpose(fitContracted({ basis, length, ridge, sampleCount, contraction }));
  const resample = columns(both, 0, sampleCount);
  const samples = transpose(designMatrix(basis, sampledPositions(sampleCount))); // [M, N]
  const fits = {
    first,
    take: columns(both, sampleCount, length),
    resample,
    carry: multiply(resample, samples),
  };
  if (cache.size >= remembered) cache.delete(cache.keys().next().value as string);
  cache.set(key, fits);
  return fits;
}

/** `count` columns of a matrix, from `start` on. */
function columns(matrix: Matrix, start: number, count: number): Matrix {
  const data = new Float64Array(matrix.rows * count);
  for (let i = 0; i < matrix.rows; i++) {
    const row = i * matrix.columns + start;
    data.set(matrix.data.subarray(row, row + count), i * count);
  }
  return { rows: matrix.rows, columns: count, data };
}
