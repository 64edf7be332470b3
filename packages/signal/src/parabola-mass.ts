import { parabolaHalfWidth } from "./truncated-parabola.js";

/**
 * `P(low < T ≤ high)` under the density of continuous sparsemax,
 * `p(t) = [(a² − (t − μ)²)/(2 σ²)]₊` with half-width `a = ∛(3 σ²/2)`.
 *
 * With `z = (t − μ)/a` held in [−1, 1] the CDF is `(2 + 3 z − z³)/4`; the
 * difference of two values is taken with the factor `z₁ − z₀` in front, so that
 * a narrow interval keeps its relative accuracy.
 *
 * @param variance σ², the scale parameter (the density's own variance is a²/5), > 0; not checked
 * @returns the mass; negative if `high` < `low`
 * @see Martins et al. (2020), "Sparse and Continuous Attention Mechanisms",
 *   section 3, https://arxiv.org/abs/2006.07214
 */
export function parabolaMass(low: number, high: number, mean: number, variance: number): number {
  const halfWidth = parabolaHalfWidth(variance);
  const within = (t: number) => Math.max(-1, Math.min(1, (t - mean) / halfWidth));
  const [from, to] = [within(low), within(high)];
  return ((to - from) * (3 - (to * to + to * from + from * from))) / 4;
}
