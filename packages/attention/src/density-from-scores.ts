import type { Basis } from "@infinite-former/signal";
import * as tf from "@tensorflow/tfjs-core";
import { affineDensity } from "./affine-density.js";
import type { ContinuousAttentionConfig } from "./config.js";
import type { AttentionDensity } from "./density.js";
import { gibbsDensity } from "./gibbs-density.js";
import { mixtureDensity } from "./mixture-density.js";
import { momentDensity } from "./moment-density.js";

/**
 * The densities that a configuration makes of its scores.
 *
 * @param scores `[batch, heads, queries, columns]`: with affine maps those of μ,
 *   σ² and, of mixtures, the shares, K columns each; else one a basis function.
 * @returns owned by the caller. Differentiable in `scores`.
 */
export function densityFromScores(
  config: Pick<ContinuousAttentionConfig, "density" | "densityFrom" | "densityCount" | "varianceFloor">,
  basis: Basis,
  scores: tf.Tensor4D,
): AttentionDensity {
  const { density, densityFrom, densityCount: count, varianceFloor } = config;
  if (density === "gibbs") return gibbsDensity(scores, basis);
  if (densityFrom === "moments") return momentDensity(scores, basis) as AttentionDensity;
  const [batch, heads, queries] = scores.shape;
  const columns = (from: number): tf.Tensor4D =>
    tf.slice(scores, [0, 0, 0, from], [batch, heads, queries, count]);
  if (count > 1) {
    const [meanScores, varianceScores, shareScores] = [columns(0), columns(count), columns(2 * count)];
    return mixtureDensity({ meanScores, varianceScores, shareScores, varianceFloor });
  }
  const flat = (from: number): tf.Tensor3D => tf.reshape(columns(from), [batch, heads, queries]);
  return affineDensity({
    meanScores: flat(0),
    varianceScores: flat(1),
    varianceFloor,
  }) as AttentionDensity;
}
