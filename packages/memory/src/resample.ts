import type { Basis } from "@infinite-former/signal";
import { hasKernel, stopGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { basisValues } from "./basis-values.js";
import type { MemoryConfig } from "./config.js";

const fused = "InfiniteFormerResample";

/** What is sampled, where, and how the samples are fitted. */
export interface Resampling {
  /** `[batch, basis, model]`, B. Borrowed. */
  readonly coefficients: tf.Tensor3D;
  /** `[batch, samples]`, ascending in each row. Borrowed; a constant to gradients. */
  readonly positions: tf.Tensor2D;
  /** `[basis, samples]`, the samples' part of `G_infᵀ`. Borrowed; a constant to gradients. */
  readonly fit: tf.Tensor2D;
  /** Whether gradients reach the coefficients. */
  readonly throughPast: boolean;
}

/**
 * Signals sampled at positions of their own and fitted anew:
 * `fit · (Ψ(positions) · coefficients)`, for each row of the batch.
 *
 * On native TensorFlow's processor backend, for a Gaussian basis and where nobody
 * asks for a gradient, one kernel: equal positions are sampled once, functions further than 6.5 of
 * their widths away count as 0 (they are below 1e-9 of their peak), and Ψ is
 * never stored. Elsewhere Ψ `[batch, samples, basis]` and two matrix products.
 *
 * @param plan whose basis the coefficients belong to. Shapes are those of `absorb`, which checks them.
 * @returns `[batch, basis, model]`, owned by the caller.
 * @see Martins, Marinho & Martins (2022), sections 3.2 and 3.3, https://arxiv.org/abs/2109.00301
 */
export function resample(
  { basis, config }: { readonly basis: Basis; readonly config: MemoryConfig },
  { coefficients, positions, fit, throughPast }: Resampling,
): tf.Tensor3D {
  return tf.tidy(() => {
    if (throughPast || basis.kind !== "gaussian" || !hasKernel(fused)) {
      const samples = tf.matMul(basisValues(basis, stopGradient(positions)), coefficients);
      return tf.matMul(tf.expandDims(fit, 0), samples);
    }
    const widthCount = config.basisWidths.length;
    const centers = tf.tensor1d(Float32Array.from(basis.centers.filter((_, j) => j % widthCount === 0)));
    const widths = tf.tensor1d(Float32Array.from(config.basisWidths));
    const given = {
      coefficients: stopGradient(coefficients),
      positions: stopGradient(positions),
      fit,
      centers,
      widths,
    };
    return (tf.engine().runKernel(fused, given) as unknown as [tf.Tensor3D])[0];
  });
}
