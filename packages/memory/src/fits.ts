import {
  basisFromSettings,
  designMatrix,
  fitContracted,
  fitSegment,
  type Matrix,
  matrix,
  multiplyByTransposed,
  sampledPositions,
  transpose,
} from "@infinite-former/signal";
import type { MemoryConfig } from "./config.js";
import { recentlyUsed } from "./recently-used.js";

/** The linear maps of one update by a segment of one length, in float64. */
export interface UpdateFits {
  /** `Gᵀ` `[N, length]`: a first segment to coefficients. */
  readonly first: Matrix;
  /** `G_infᵀ[:, M:]` `[N, length]`: a later segment's share of the coefficients. */
  readonly take: Matrix;
  /** `G_infᵀ[:, :M]` `[N, M]`: the share of M samples of the past, wherever they were taken. */
  readonly resample: Matrix;
  /** `G_infᵀ[:, :M] · Ψᵀ` `[N, N]`: the past's share, sampled evenly and contracted in one step. */
  readonly carry: Matrix;
}

/** Numbers of all fits that are remembered: 512 MiB, a dozen of the paper's size several times over. */
const remembered = 2 ** 26;

const cache = recentlyUsed<string, UpdateFits>({
  limit: remembered,
  size: (fits) => Object.values(fits).reduce((sum, { data }: Matrix) => sum + data.length, 0),
});

/**
 * The maps of one update, composed in float64: the authors' float32 inverse is
 * 1–6 % off at the paper's size. Remembered by configuration, since a fit takes
 * a good part of a second at that size (half a minute for 2,048 functions and
 * segments of 4,096) and every layer of a model needs the same one.
 *
 * @param config resolved.
 * @param length of the segment, ≥ 1.
 */
export function updateFits(config: MemoryConfig, length: number): UpdateFits {
  const { basis, basisCount, basisWidths, basisPeriod } = config;
  const { ridge, contraction, sampleCount, grid, padding } = config;
  const key = [
    basis,
    basisCount,
    basisWidths,
    basisPeriod,
    ridge,
    contraction,
    sampleCount,
    grid,
    padding,
    length,
  ];
  return cache.get(JSON.stringify(key), () => fit(config, length));
}

function fit(config: MemoryConfig, length: number): UpdateFits {
  const { basisCount, ridge, contraction, sampleCount, grid, padding } = config;
  const basis = basisFromSettings(config);
  const settings = { basis, length, ridge, grid, padding };
  const first = transpose(fitSegment(settings));
  const later = fitContracted({ ...settings, sampleCount, contraction }); // [M + L, N]
  const border = sampleCount * basisCount;
  const resample = transpose(matrix(sampleCount, basisCount, later.data.subarray(0, border)));
  const take = transpose(matrix(length, basisCount, later.data.subarray(border)));
  const samples = designMatrix(basis, sampledPositions(sampleCount, grid)); // [N, M]
  return { first, take, resample, carry: multiplyByTransposed(resample, samples) };
}
