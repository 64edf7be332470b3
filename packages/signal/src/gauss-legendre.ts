import { checkCount } from "./config-error.js";

/** A rule `∫ f ≈ Σ weight_k f(node_k)` over −1 ≤ x ≤ 1. */
export interface QuadratureRule {
  /** Ascending. */
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

const known = new Map<number, QuadratureRule>();

/**
 * The Gauss–Legendre rule of `count` points on [−1, 1]: exact for polynomials
 * up to degree `2·count − 1`. Nodes are the zeros of the Legendre polynomial, by
 * Newton's method from `cos(π (k + ¾)/(count + ½))`, to 1e-15.
 *
 * @returns the rule; its arrays are shared and not to be written to
 * @throws {ConfigError} `ERR_CONFIG` unless `count` is a whole number ≥ 1.
 */
export function gaussLegendre(count: number): QuadratureRule {
  checkCount("gaussLegendre", "count", count);
  const before = known.get(count);
  if (before) return before;
  const nodes = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    let x = -Math.cos((Math.PI * (k + 0.75)) / (count + 0.5));
    for (let step = 0; step < 6; step++) {
      const { value, slope } = polynomial(count, x);
      x -= value / slope;
    }
    const { slope } = polynomial(count, x);
    nodes[k] = x;
    weights[k] = 2 / ((1 - x * x) * slope * slope);
  }
  const rule = { nodes, weights };
  known.set(count, rule);
  return rule;
}

/** `P_n(x)` and its derivative, |x| < 1. */
function polynomial(n: number, x: number): { readonly value: number; readonly slope: number } {
  let [before, value] = [0, 1];
  for (let k = 0; k < n; k++) {
    [before, value] = [value, ((2 * k + 1) * x * value - k * before) / (k + 1)];
  }
  return { value, slope: (n * (x * value - before)) / (x * x - 1) };
}
