import { biweightHalfWidth } from "./biweight.js";
import { checkOneOf } from "./config-error.js";
import { intervalMass, normalDensity } from "./normal.js";
import { parabolaHalfWidth } from "./truncated-parabola.js";

/**
 * Densities with a place μ and a scale σ², `p(t) = k((t − μ)/s)/s` with an even
 * kernel k: the normal density (continuous softmax), the truncated parabola
 * (sparsemax), the biweight (entmax with α = 1.5).
 */
export type LocationScaleFamily = "gaussian" | "truncated-parabola" | "biweight";

/** Every family. */
export const locationScaleFamilies: readonly LocationScaleFamily[] = Object.freeze([
  "gaussian",
  "truncated-parabola",
  "biweight",
]);

/** The kernel k of one family, on u = (t − μ)/s, and how s depends on σ². */
export interface DensityKernel {
  /** s: the deviation of a normal density, half the support of the others. */
  scale(variance: number): number;
  /** `s · ds/dσ²`, of s. */
  lift(scale: number): number;
  /** k is 0, or below 1e-22, from here on. */
  readonly reach: number;
  /** k(u) */
  value(u: number): number;
  /** k′(u) */
  slope(u: number): number;
  /** `∫_u^∞ v k(v) dv`, even and ≥ 0: what second derivatives are weighed by. */
  bend(u: number): number;
  /** `∫ k` from `low` to `high`, with its digits where both are in one tail or close. */
  mass(low: number, high: number): number;
}

const gaussian: DensityKernel = {
  scale: Math.sqrt,
  lift: () => 0.5,
  reach: 10,
  value: (u) => normalDensity(u, 0, 1),
  slope: (u) => -u * normalDensity(u, 0, 1),
  bend: (u) => normalDensity(u, 0, 1),
  mass: (low, high) => intervalMass(low, high, 0, 1),
};

const inside = (u: number): number => Math.max(0, (1 - u) * (1 + u));
const within = (u: number): number => Math.max(-1, Math.min(1, u));

const parabola: DensityKernel = {
  scale: parabolaHalfWidth,
  lift: (scale) => 0.5 / scale,
  reach: 1,
  value: (u) => 0.75 * inside(u),
  slope: (u) => (Math.abs(u) < 1 ? -1.5 * u : 0),
  bend: (u) => 0.1875 * inside(u) ** 2,
  mass(low, high) {
    const [from, to] = [within(low), within(high)];
    return ((to - from) * (3 - (to * to + to * from + from * from))) / 4;
  },
};

const biweight: DensityKernel = {
  scale: biweightHalfWidth,
  lift: (scale) => 0.4 * Math.sqrt(15 / scale),
  reach: 1,
  value: (u) => 0.9375 * inside(u) ** 2,
  slope: (u) => -3.75 * u * inside(u),
  bend: (u) => 0.15625 * inside(u) ** 3,
  mass(low, high) {
    const [from, to] = [within(low), within(high)];
    const squares = to * to + to * from + from * from;
    const fourths = to ** 4 + to ** 3 * from + (to * from) ** 2 + to * from ** 3 + from ** 4;
    return ((to - from) * (15 - 10 * squares + 3 * fourths)) / 16;
  },
};

/** @throws {ConfigError} `ERR_CONFIG` for an unknown family. */
export function densityKernel(family: LocationScaleFamily): DensityKernel {
  checkOneOf("densityKernel", "family", family, locationScaleFamilies);
  if (family === "gaussian") return gaussian;
  return family === "biweight" ? biweight : parabola;
}

/** p(t) of one of the families. `variance` > 0, not checked. */
export function locationScaleDensity(
  family: LocationScaleFamily,
  position: number,
  mean: number,
  variance: number,
): number {
  const kernel = densityKernel(family);
  const scale = kernel.scale(variance);
  return kernel.value((position - mean) / scale) / scale;
}
