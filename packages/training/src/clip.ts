import { hasKernel, leaves, mapTree, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { ConfigError } from "./errors.js";

/**
 * Square root of the sum of all squares in a tree; a scalar owned by the caller.
 * On native TensorFlow's processor backend one kernel for the whole tree, which
 * sums in float64.
 */
export function globalNorm(tree: object): tf.Scalar {
  return tf.tidy(() => {
    if (hasKernel(fused) && leaves(tree).length > 0) {
      const list = leaves(tree).map(({ tensor }) => tensor);
      const [norm] = tf.engine().runKernel(fused, list as unknown as tf.NamedTensorMap) as unknown as [
        tf.Scalar,
      ];
      return norm;
    }
    const squares = leaves(tree).map(({ tensor }) => tf.sum(tf.square(tensor)) as tf.Scalar);
    if (squares.length === 0) return tf.scalar(0);
    return tf.sqrt(tf.addN(squares)) as tf.Scalar;
  });
}

const fused = "InfiniteFormerGlobalNorm";

/**
 * What clipping to a global norm multiplies gradients by, as PyTorch's
 * `clip_grad_norm_`: `min(1, limit / (norm + 1e-6))`; NaN where the norm is.
 *
 * @throws {ConfigError} `ERR_CONFIG` unless `limit` > 0.
 */
export function clipScale(norm: tf.Scalar, limit: number): tf.Scalar {
  if (!(limit > 0)) throw new ConfigError(`clipScale: limit must be > 0, got ${limit}`, "limit");
  return tf.tidy(() => tf.minimum(tf.div(limit, tf.add(norm, 1e-6)), 1) as tf.Scalar);
}

/**
 * Scales gradients down so that their global norm is at most `limit`, all
 * times `clipScale`. An optimiser that takes the factor itself saves a pass.
 *
 * @param gradients tree of tensors; borrowed.
 * @param limit > 0.
 * @returns new gradients and the norm before clipping, owned by the caller. A
 *   NaN or infinite gradient makes the norm so, and all gradients NaN.
 * @throws {ConfigError} `ERR_CONFIG` unless `limit` > 0.
 */
export function clipByGlobalNorm<T extends object>(
  gradients: T,
  limit: number,
): { gradients: T; norm: tf.Scalar } {
  if (!(limit > 0)) throw new ConfigError(`clipByGlobalNorm: limit must be > 0, got ${limit}`, "limit");
  return tidyTree(() => {
    const norm = globalNorm(gradients);
    const scale = clipScale(norm, limit);
    return { gradients: mapTree(gradients, (tensor) => tf.mul(tensor, scale)), norm };
  });
}
