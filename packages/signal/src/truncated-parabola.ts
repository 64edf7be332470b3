/**
 * Half of the support's width, `a = (3σ²/2)^⅓`, of the truncated parabola with
 * scale σ²: the density to which continuous sparsemax maps quadratic scores.
 *
 * @param variance σ² ≥ 0, in positions squared: a scale, as that of the scores
 *   `−(t − μ)²/(2σ²)`. The variance of the density itself is a²/5.
 * @see Martins et al. (2020), "Sparse and Continuous Attention Mechanisms", https://arxiv.org/abs/2006.07214
 */
export function parabolaHalfWidth(variance: number): number {
  return Math.cbrt(1.5 * variance);
}

/**
 * `p(t) = [a² − (t − μ)²]₊ / (2σ²)`, the truncated parabola around μ: 0 outside
 * `[μ − a, μ + a]`, with `a` of {@link parabolaHalfWidth}. `variance` > 0, not checked.
 *
 * @see Martins et al. (2020), "Sparse and Continuous Attention Mechanisms", https://arxiv.org/abs/2006.07214
 */
export function parabolaDensity(position: number, mean: number, variance: number): number {
  const reach = parabolaHalfWidth(variance);
  const distance = position - mean;
  return Math.max(0, (reach - distance) * (reach + distance)) / (2 * variance);
}
