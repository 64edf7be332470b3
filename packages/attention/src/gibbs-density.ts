import { type Basis, quadratureGrid } from "@infinite-former/signal";
import { maskedSoftmax } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { AttentionDensity } from "./density.js";

/**
 * Free-form densities `p(t) ∝ exp(Σ_j score_j ψ_j(t))` on [0, 1]: with the
 * scores of basis functions `q·k_j/√d` the exponent is `q·k(t)/√d` of the
 * continuous keys, so this is softmax attention over a continuum of positions.
 * By quadrature on the points of `quadratureGrid`, where it is a softmax over G
 * points with the rule's weights.
 *
 * @param scores `[batch, heads, queries, basis]`.
 * @returns mean, variance and probabilities, owned by the caller. Differentiable in `scores`.
 */
export function gibbsDensity(
  scores: tf.Tensor4D,
  basis: Basis,
): Required<Omit<AttentionDensity, "components">> {
  const { positions, weights, design } = quadratureGrid(basis);
  const [batch, heads, queries] = scores.shape;
  const [mean, variance, probabilities] = tf.tidy(() => {
    const functions = tf.tensor2d(Float32Array.from(design.data), [basis.count, positions.length]);
    const exponents = tf.matMul(tf.reshape(scores, [-1, basis.count]) as tf.Tensor2D, functions);
    const p = maskedSoftmax(
      tf.add(exponents, tf.tensor1d(Float32Array.from(weights, Math.log))),
    ) as tf.Tensor2D;
    const at = tf.tensor2d(Float32Array.from(positions), [positions.length, 1]);
    const middle = tf.matMul(p, at);
    const offsets = tf.square(tf.sub(tf.reshape(at, [1, -1]), middle));
    return [
      tf.reshape(middle, [batch, heads, queries]),
      tf.reshape(tf.sum(tf.mul(p, offsets), 1), [batch, heads, queries]),
      tf.reshape(p, [batch, heads, queries, positions.length]),
    ];
  }) as unknown as [tf.Tensor3D, tf.Tensor3D, tf.Tensor4D];
  return { mean, variance, probabilities };
}

/** Below this a probability adds nothing to the divergence, in value or gradient. */
const SMALLEST = 1e-30;

/**
 * Divergence of Gibbs densities from the uniform density on [0, 1],
 * `D_KL = Σ_g P_g log(P_g/w_g)`, ≥ 0.
 *
 * @param probabilities `[…, G]`. @returns `[…]`, owned by the caller. Differentiable.
 */
export function klToUniform(probabilities: tf.Tensor, basis: Basis): tf.Tensor {
  const { weights } = quadratureGrid(basis);
  return tf.tidy(() => {
    const ratio = tf.mul(probabilities, tf.tensor1d(Float32Array.from(weights, (w) => 1 / w)));
    return tf.sum(tf.mul(probabilities, tf.log(tf.add(ratio, SMALLEST))), -1);
  });
}
