import { statelessUniform } from "@infinite-former/random";
import * as tf from "@tensorflow/tfjs-core";
import { fusedActivation, hasFusedActivation } from "./activate.js";
import { hasKernel } from "./backend.js";
import { withGradient } from "./custom-gradient.js";
import { ConfigError } from "./errors.js";
import { assertShape } from "./shape.js";

/**
 * Inverted dropout: each element becomes 0 with probability `rate`, else is
 * divided by `1 − rate`. The mask is a function of `seed` alone, the same on
 * every backend. On native TensorFlow's processor backend no mask is kept: the
 * gradient draws it again.
 *
 * @param x any shape.
 * @param rate in `[0, 1)`; at 0 the result is a clone and the seed is not read.
 * @param seed `[2]` int32. On native TensorFlow it stays a tensor, so a
 *   recorded graph can take it as an input; elsewhere it is read back.
 * @returns the shape of `x`, owned by the caller. Differentiable in `x`.
 * @throws {ConfigError} `ERR_CONFIG` if `rate` is outside `[0, 1)`.
 * @throws {ShapeError} `ERR_SHAPE` if `seed` is not `[2]`.
 */
export function dropout(x: tf.Tensor, rate: number, seed: tf.Tensor1D): tf.Tensor {
  if (!(rate >= 0 && rate < 1)) throw new ConfigError("rate", `dropout: rate must be in [0, 1), got ${rate}`);
  assertShape("dropout", "seed", seed, "[2]");
  if (rate === 0) return tf.clone(x);
  if (hasFusedActivation()) return fusedActivation(x, "identity", { dropout: { rate, seed } });
  return tf.tidy(() => {
    const kept = tf.cast(tf.greaterEqual(seededUniform(x.shape, seed), rate), "float32");
    const mask = tf.mul(kept, 1 / (1 - rate));
    return withGradient([x], (save) => {
      save([mask]);
      return { value: tf.mul(x, mask), gradient: (cotangent, [m]) => [tf.mul(cotangent, m as tf.Tensor)] };
    });
  });
}

/**
 * Uniform float32 numbers on `[0, 1)` that depend on `seed` and the element
 * count only: TensorFlow's StatelessRandomUniform where the backend has that
 * kernel, else its JavaScript twin.
 *
 * @param seed `[2]` int32.
 * @returns a tensor of `shape`, owned by the caller; a constant to gradients.
 */
export function seededUniform(shape: readonly number[], seed: tf.Tensor1D): tf.Tensor {
  if (hasKernel("StatelessRandomUniform")) {
    return tf.engine().runKernel("StatelessRandomUniform", { seed }, { shape: [...shape] }) as tf.Tensor;
  }
  const [first, second] = seed.dataSync() as Int32Array;
  const count = shape.reduce((product, size) => product * size, 1);
  return tf.tensor(statelessUniform([first as number, second as number], count), [...shape], "float32");
}
