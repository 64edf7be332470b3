import { type Basis, quadratureGrid } from "@infinite-former/signal";
import { batchMatMul } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { AttentionDensity, DensityFamily } from "./density.js";
import { readOut } from "./read-out.js";

/**
 * Expected values of the signal of each head under its queries' densities, of
 * any family: `readOut`; of mixtures the weighted sum of their components'; of
 * Gibbs densities sums over the points of the quadrature.
 *
 * @param values `[batch, basis, heads, size]`.
 * @returns `[batch, queries, heads, size]`, owned by the caller. Differentiable in densities and values.
 */
export function densityReadOut(
  family: DensityFamily,
  { mean, variance, components, probabilities }: AttentionDensity,
  values: tf.Tensor4D,
  basis: Basis,
): tf.Tensor4D {
  if (family === "gibbs") return onGrid(probabilities as tf.Tensor4D, values, basis);
  if (!components) return readOut(family, mean, variance, values, basis);
  const [batch, heads, queries, count] = components.share.shape;
  const size = values.shape[3];
  return tf.tidy(() => {
    const flat = (x: tf.Tensor4D): tf.Tensor3D => tf.reshape(x, [batch, heads, queries * count]);
    const reads = readOut(family, flat(components.mean), flat(components.variance), values, basis);
    const byComponent = tf.reshape(reads, [batch, queries, count, heads, size]);
    const share = tf.expandDims(tf.transpose(components.share, [0, 2, 3, 1]), -1);
    return tf.sum(tf.mul(byComponent, share), 2) as tf.Tensor4D;
  });
}

/** `Σ_g P_g · signal(position_g)`. */
function onGrid(probabilities: tf.Tensor4D, values: tf.Tensor4D, basis: Basis): tf.Tensor4D {
  const { design } = quadratureGrid(basis);
  return tf.tidy(() => {
    const functions = tf.tensor4d(Float32Array.from(design.data), [1, 1, design.rows, design.columns]);
    const perHead = tf.transpose(values, [0, 2, 1, 3]); // [batch, heads, basis, size]
    const points = batchMatMul(functions, perHead, true, false); // [batch, heads, G, size]
    return tf.transpose(batchMatMul(probabilities, points), [0, 2, 1, 3]) as tf.Tensor4D;
  });
}
