import { type Basis, quadratureGrid } from "@infinite-former/signal";
import { assertShape, ConfigError, stopGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { type AttentionDensities, attentionMass } from "./attention-mass.js";

/** Attention densities of any family: single ones, mixtures, or free-form ones on a grid. */
export interface AnyAttentionDensities extends Omit<AttentionDensities, "density"> {
  /** Family of the densities, or of the components of mixtures; not read where there is a grid. */
  readonly density?: AttentionDensities["density"] | "gibbs";
  /** Of mixtures, each `[batch, heads, queries, K]`: `share` is the weight of a component. */
  readonly components?: {
    readonly mean: tf.Tensor4D;
    readonly variance: tf.Tensor4D;
    readonly share: tf.Tensor4D;
  };
  /** Of free-form densities, `[batch, heads, queries, G]`: mass at each point of the basis's grid. */
  readonly probabilities?: tf.Tensor4D;
  /** Of the memory: its `quadratureGrid` is where `probabilities` lie; needed with them only. */
  readonly basis?: Basis;
}

/**
 * `attentionMass` of densities of any family: of mixtures the components' mass
 * by their weights; of densities on a grid the mass of the points in each bin,
 * which is right to the mass of one point at a bin's border.
 *
 * @returns `[batch, bins]`, ≥ 0, not normalised; owned by the caller. A constant to gradients.
 * @throws {ShapeError} `ERR_SHAPE` if the densities' shapes differ; {ConfigError} `ERR_CONFIG` for a grid without a basis.
 */
export function densityMass(bins: number, densities: AnyAttentionDensities): tf.Tensor2D {
  const { components, probabilities, basis, density, weights, mean, variance } = densities;
  const { batch, queries } = assertShape("densityMass", "mean", mean, "[batch, heads, queries]");
  if (weights) assertShape("densityMass", "weights", weights, "[batch, queries]", { batch, queries });
  const rest = weights ? { weights } : {};
  if (probabilities) {
    if (!basis)
      throw new ConfigError("basis", "densityMass: basis must be given with probabilities, got none");
    return gridMass(bins, probabilities, quadratureGrid(basis).positions, weights);
  }
  const family = density === undefined || density === "gibbs" ? {} : { density };
  if (!components) return attentionMass(bins, { mean, variance, ...family, ...rest });
  return tf.tidy(() => {
    const rows = (x: tf.Tensor4D): tf.Tensor3D => tf.reshape(x, [batch, 1, x.size / batch]);
    const share = stopGradient(components.share);
    const counted = weights ? tf.mul(share, tf.reshape(weights, [batch, 1, queries, 1])) : share;
    return attentionMass(bins, {
      mean: rows(components.mean),
      variance: rows(components.variance),
      ...family,
      weights: tf.reshape(counted, [batch, share.size / batch]),
    });
  });
}

function gridMass(
  bins: number,
  probabilities: tf.Tensor4D,
  positions: ArrayLike<number>,
  weights: tf.Tensor2D | undefined,
): tf.Tensor2D {
  const points = positions.length;
  const { batch } = assertShape(
    "densityMass",
    "probabilities",
    probabilities,
    "[batch, heads, queries, points]",
    {
      points,
    },
  );
  const inBin = new Float32Array(points * bins);
  for (let g = 0; g < points; g++) {
    inBin[g * bins + Math.min(bins - 1, Math.floor((positions[g] as number) * bins))] = 1;
  }
  return tf.tidy(() => {
    const p = stopGradient(probabilities);
    const counted = weights ? tf.mul(p, tf.reshape(weights, [batch, 1, -1, 1])) : p;
    const sums = tf.sum(tf.reshape(counted, [batch, -1, points]), 1) as tf.Tensor2D;
    return tf.matMul(sums, tf.tensor2d(inBin, [points, bins]));
  });
}
