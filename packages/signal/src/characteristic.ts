import type { LocationScaleFamily } from "./density-kernel.js";

/** Up to here the series is summed, beyond it the closed form loses less than two digits. */
const SERIES_LIMIT = 5;

/**
 * `(2n + 1)!! j_n(z)/zⁿ` with the spherical Bessel function j_n, n = 1, 2, 3: the
 * characteristic functions of the truncated parabola (n = 1) and the biweight
 * (n = 2) on [−1, 1]. Even, 1 at 0; the derivative is `−z/(2n + 3)` times that of
 * the next order. Up to |z| = 5 by the series
 * `Σ (−z²/2)^k / (k! (2n + 3)(2n + 5) … (2n + 2k + 1))`.
 *
 * @see DLMF 10.53.1, 10.49.3
 */
export function besselRatio(order: 1 | 2 | 3, z: number): number {
  if (Math.abs(z) < SERIES_LIMIT) {
    let [term, sum] = [1, 1];
    for (let k = 1; Math.abs(term) > 1e-18; k++) {
      term *= (-0.5 * z * z) / (k * (2 * order + 2 * k + 1));
      sum += term;
    }
    return sum;
  }
  const [sine, cosine] = [Math.sin(z), Math.cos(z)];
  if (order === 1) return (3 * (sine / z - cosine)) / z ** 2;
  if (order === 2) return (15 * ((3 / z ** 2 - 1) * sine - (3 / z) * cosine)) / z ** 3;
  return (105 * ((15 / z ** 3 - 6 / z) * sine - (15 / z ** 2 - 1) * cosine)) / z ** 4;
}

/** The characteristic function `∫ k(u) cos(zu) du` of a family's kernel, and what its derivative is made of. */
export interface Characteristic {
  readonly value: number;
  /** `−χ′(z)/z`, finite at 0. */
  readonly fall: number;
}

/** Characteristic function of a kernel: `e^{−z²/2}`, or {@link besselRatio}. */
export function characteristic(family: LocationScaleFamily, z: number): Characteristic {
  if (family === "gaussian") {
    const value = Math.exp(-0.5 * z * z);
    return { value, fall: value };
  }
  const order = family === "biweight" ? 2 : 1;
  return {
    value: besselRatio(order, z),
    fall: besselRatio(order === 1 ? 2 : 3, z) / (2 * order + 3),
  };
}
