import { checkCount } from "./config-error.js";

/**
 * N functions that are constant on one of N equal cells of [0, 1] and 0
 * elsewhere, `ψ_j(t) = √N` for `j/N ≤ t < (j + 1)/N`; the last cell contains 1.
 * Orthonormal on [0, 1].
 */
export interface RectangularBasis {
  readonly kind: "rectangular";
  /** N, the number of functions. */
  readonly count: number;
  /** `[N]` the middle of each cell. */
  readonly centers: Float64Array;
  /** 1/N, the length of a cell. */
  readonly spacing: number;
}

/** What describes a rectangular basis completely, as JSON. */
export interface RectangularBasisConfig {
  readonly kind: "rectangular";
  /** N ≥ 1. */
  readonly count: number;
}

/** @throws {ConfigError} `ERR_CONFIG` unless `count` is a whole number ≥ 1. */
export function rectangularBasis({ count }: Omit<RectangularBasisConfig, "kind">): RectangularBasis {
  checkCount("rectangularBasis", "count", count);
  const centers = Float64Array.from({ length: count }, (_, j) => (j + 0.5) / count);
  return { kind: "rectangular", count, centers, spacing: 1 / count };
}
