import { ConfigError, checkCount } from "./config-error.js";

/**
 * Cubic B-splines on uniform knots, `ψ_j(t) = scale · β((t − center_j)/h)` with
 * `h = 1/(N − 3)` and the cardinal spline
 * `β(x) = (2 − |x|)₊³/6 − 4 (1 − |x|)₊³/6`, which is 0 from |x| = 2 on.
 *
 * Centres lie at `−h, 0, h, …, 1 + h`: on [0, 1] the functions span every
 * twice continuously differentiable cubic spline with knots at multiples of h;
 * outside they fall to 0 within 3h. `scale = √(315/(151 h))` makes each
 * function's `∫ψ²` 1 over the whole line.
 *
 * @see de Boor, "A Practical Guide to Splines"
 */
export interface BsplineBasis {
  readonly kind: "bspline";
  /** N, the number of functions. */
  readonly count: number;
  /** `[N]` where each function has its maximum. */
  readonly centers: Float64Array;
  /** h, the distance of two knots. */
  readonly spacing: number;
  readonly scale: number;
}

/** What describes a B-spline basis completely, as JSON. */
export interface BsplineBasisConfig {
  readonly kind: "bspline";
  /** N ≥ 4. */
  readonly count: number;
}

/** @throws {ConfigError} `ERR_CONFIG` unless `count` is a whole number ≥ 4. */
export function bsplineBasis({ count }: Omit<BsplineBasisConfig, "kind">): BsplineBasis {
  checkCount("bsplineBasis", "count", count);
  if (count < 4) throw new ConfigError("bsplineBasis", "count", "be at least 4", count);
  const spacing = 1 / (count - 3);
  const centers = Float64Array.from({ length: count }, (_, j) => (j - 1) / (count - 3));
  return { kind: "bspline", count, centers, spacing, scale: Math.sqrt(315 / (151 * spacing)) };
}

/** The cardinal cubic B-spline as truncated powers: `β(x) = Σ weight (x + offset)₊³`. */
export const splineDifferences: readonly { readonly offset: number; readonly weight: number }[] = [
  { offset: 2, weight: 1 / 6 },
  { offset: 1, weight: -4 / 6 },
  { offset: 0, weight: 1 },
  { offset: -1, weight: -4 / 6 },
  { offset: -2, weight: 1 / 6 },
];
