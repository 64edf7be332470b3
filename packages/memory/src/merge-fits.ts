import {
  designMatrix,
  fitContracted,
  type Matrix,
  matrix,
  multiplyByTransposed,
  sampledPositions,
  transpose,
} from "@infinite-former/signal";
import type { MemoryConfig } from "./config.js";
import type { MemoryPlan } from "./plan.js";
import { recentlyUsed } from "./recently-used.js";

/** The linear maps that put two memories side by side, in float64. */
export interface MergeFits {
  /** `[N, N]`: the share of the memory that takes `[0, ½]`. */
  readonly older: Matrix;
  /** `[N, N]`: the share of the memory that takes `(½, 1]`. */
  readonly newer: Matrix;
}

/** A few configurations of the paper's size: two matrices each. */
const cache = recentlyUsed<string, MergeFits>({
  limit: 2 ** 22,
  size: ({ older, newer }) => older.data.length + newer.data.length,
});

/**
 * The maps of a merge: both signals are sampled at the M positions `i/M`, put
 * at `i/(2M)` and `½ + i/(2M)`, and fitted together as an update fits a past
 * and a segment: `G` of contraction ½ with M vectors beside the M samples.
 * Composed with the sampling, `Gᵀ[:, :M] Ψᵀ` and `Gᵀ[:, M:] Ψᵀ`.
 *
 * @param config resolved. @param basis of its plan.
 */
export function mergeFits(config: MemoryConfig, basis: MemoryPlan["basis"]): MergeFits {
  return cache.get(JSON.stringify(config), () => {
    const { ridge, sampleCount: samples, grid, padding } = config;
    const halves = { sampleCount: samples, length: samples, contraction: 0.5, grid };
    const { data } = fitContracted({ basis, ridge, padding, ...halves }); // [2M, N]
    const read = designMatrix(basis, sampledPositions(samples, grid)); // [N, M]
    const border = samples * basis.count;
    const share = (rows: Float64Array): Matrix => {
      return multiplyByTransposed(transpose(matrix(samples, basis.count, rows)), read);
    };
    return { older: share(data.subarray(0, border)), newer: share(data.subarray(border)) };
  });
}
