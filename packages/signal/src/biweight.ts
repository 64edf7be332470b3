/**
 * Half of the support's width, `a = (15 σ⁴)^⅕`, of the biweight density with
 * scale σ²: what quadratic scores `−(t − μ)²/(2σ²)` are mapped to by entmax with
 * α = 1.5, between softmax (α = 1) and sparsemax (α = 2).
 *
 * `p(t) = [(α − 1)(−τ − (t − μ)²/(2σ²))]₊^{1/(α − 1)} = [(a² − (t − μ)²)/(4σ²)]₊²`
 * by the paper's definition, and a total of 1 gives a. As with the truncated
 * parabola σ² is the scale of the scores; the variance of the density is a²/7.
 *
 * @param variance σ² ≥ 0, in positions squared
 * @see Martins et al. (2022), "Sparse Continuous Distributions and Fenchel-Young Losses", https://arxiv.org/abs/2108.01988
 */
export function biweightHalfWidth(variance: number): number {
  return (15 * variance * variance) ** 0.2;
}

/**
 * `p(t) = [a² − (t − μ)²]₊² / (16σ⁴)`, the biweight density around μ, with `a` of
 * {@link biweightHalfWidth}: `15/(16a) (1 − u²)²` of `u = (t − μ)/a`. `variance` > 0, not checked.
 */
export function biweightDensity(position: number, mean: number, variance: number): number {
  const reach = biweightHalfWidth(variance);
  const u = (position - mean) / reach;
  return (0.9375 * Math.max(0, (1 - u) * (1 + u)) ** 2) / reach;
}
