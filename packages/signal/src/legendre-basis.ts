import { checkCount } from "./config-error.js";

/**
 * Shifted Legendre polynomials `ψ_j(t) = √(2j + 1) P_j(2t − 1)` of degree 0 to
 * N − 1 on [0, 1], 0 outside: orthonormal.
 */
export interface LegendreBasis {
  readonly kind: "legendre";
  /** N, the number of functions. */
  readonly count: number;
}

/** What describes a Legendre basis completely, as JSON. */
export interface LegendreBasisConfig {
  readonly kind: "legendre";
  /** N ≥ 1. */
  readonly count: number;
}

/** @throws {ConfigError} `ERR_CONFIG` unless `count` is a whole number ≥ 1. */
export function legendreBasis({ count }: Omit<LegendreBasisConfig, "kind">): LegendreBasis {
  checkCount("legendreBasis", "count", count);
  return { kind: "legendre", count };
}
