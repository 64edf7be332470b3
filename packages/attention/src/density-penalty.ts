import type { Basis } from "@infinite-former/signal";
import * as tf from "@tensorflow/tfjs-core";
import type { ContinuousAttentionConfig } from "./config.js";
import type { AttentionDensity } from "./density.js";
import { klToUniform } from "./gibbs-density.js";
import { klToPrior } from "./kl.js";

/**
 * KL penalty of each density:
 *
 * - `klToPrior` of μ and σ² for a single normal density; for truncated
 *   parabolas and biweights the same formula of their μ and σ², as in the
 *   authors' code, which is no divergence of theirs but holds σ² alike;
 * - mixtures: `Σ_k share_k · klToPrior` of the components, which bounds the
 *   divergence of the mixture from above;
 * - Gibbs densities: the divergence from the uniform density on [0, 1]; there is
 *   no prior width or mean in it.
 *
 * @returns `[batch, heads, queries]`, owned by the caller. Differentiable.
 */
export function densityPenalty(
  { priorWidth, priorMean }: Pick<ContinuousAttentionConfig, "priorWidth" | "priorMean">,
  basis: Basis,
  { mean, variance, components, probabilities }: AttentionDensity,
): tf.Tensor3D {
  if (probabilities) return klToUniform(probabilities, basis) as tf.Tensor3D;
  if (!components) return klToPrior({ mean, variance, priorWidth, priorMean }) as tf.Tensor3D;
  return tf.tidy(() => {
    const each = klToPrior({ mean: components.mean, variance: components.variance, priorWidth, priorMean });
    return tf.sum(tf.mul(each, components.share), -1) as tf.Tensor3D;
  });
}
