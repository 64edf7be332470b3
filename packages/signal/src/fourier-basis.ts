import { checkCount, checkPositive } from "./config-error.js";

/**
 * 1 and `√2 cos ω_k t`, `√2 sin ω_k t` for k = 1, 2, … with `ω_k = 2πk/P`: the
 * constant first, then cosine before sine; an even N ends on a cosine.
 *
 * Functions of the whole line with period P. With P = 1 they are orthonormal on
 * [0, 1], and the oldest and the newest position coincide: the signal must be
 * the same at both ends, and a density at 1 reads what is at 0. With P = 2, the
 * default, a signal on [0, 1] is free at both ends, and so is everything on
 * (1, 2), which the ridge keeps small; a density wider than a few tenths reads
 * of it. Mass outside [0, 1] is not lost but meets the periodic continuation.
 */
export interface FourierBasis {
  readonly kind: "fourier";
  /** N, the number of functions. */
  readonly count: number;
  /** P, in positions. */
  readonly period: number;
  /** `[N]` k of each function: 0, 1, 1, 2, 2, …. */
  readonly frequencies: Float64Array;
}

/** What describes a Fourier basis completely, as JSON. */
export interface FourierBasisConfig {
  readonly kind: "fourier";
  /** N ≥ 1. */
  readonly count: number;
  /** P > 0, in positions; 2 if left out. A power of 2 costs no digits in float32. */
  readonly period?: number | undefined;
}

/** P of a Fourier basis where none is given. */
export const defaultPeriod = 2;

/** @throws {ConfigError} `ERR_CONFIG` unless `count` is a whole number ≥ 1 and `period` finite and above 0. */
export function fourierBasis(config: Omit<FourierBasisConfig, "kind">): FourierBasis {
  const { count, period = defaultPeriod } = config;
  checkCount("fourierBasis", "count", count);
  checkPositive("fourierBasis", "period", period);
  const frequencies = Float64Array.from({ length: count }, (_, j) => Math.ceil(j / 2));
  return { kind: "fourier", count, period, frequencies };
}
