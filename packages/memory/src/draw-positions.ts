import { sampledPositions } from "@infinite-former/signal";
import { assertShape, hasKernel, stopGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { MemoryConfig } from "./config.js";

/** Keeps a division by the mass of an empty bin finite. */
const smallestMass = 1e-30;

const fused = "InfiniteFormerDrawPositions";

/**
 * Where sticky memories sample the past: positions drawn in proportion to the
 * attention each bin has received, by the inverse CDF, in ascending order. A
 * draw u falls into bin `b`, the number of k with `c_k ≤ u · c_last`, where c is
 * the cumulative mass; its position is the bin's left edge, or lies within the
 * bin where `stickyPositions` says so. A row without any mass is sampled evenly,
 * where the grid of the memory says. On native TensorFlow's processor backend one
 * kernel; elsewhere draws are sorted and compared with every bin.
 *
 * @param config of the memory: `stickyPositions` and `grid` are read.
 * @param attended `[batch, bins]` mass, ≥ 0; need not sum to 1. Borrowed.
 * @param draws `[batch, samples]` uniform numbers in [0, 1). Borrowed.
 * @returns `[batch, samples]`, ascending in each row, owned by the caller; there is no gradient.
 * @throws {ShapeError} `ERR_SHAPE` if the batch sizes differ.
 * @see Martins, Marinho & Martins (2022), section 3.3; left edges after the authors' code
 */
export function drawPositions(
  config: Pick<MemoryConfig, "stickyPositions"> & Partial<Pick<MemoryConfig, "grid">>,
  attended: tf.Tensor2D,
  draws: tf.Tensor2D,
): tf.Tensor2D {
  const { batch, bins } = assertShape("drawPositions", "attended", attended, "[batch, bins]");
  const { samples } = assertShape("drawPositions", "draws", draws, "[batch, samples]", { batch });
  const leftEdge = config.stickyPositions === "left-edge";
  return tf.tidy(() => {
    const evenly = Float32Array.from(sampledPositions(samples, config.grid));
    if (hasKernel(fused)) {
      const given = {
        attended: stopGradient(attended),
        draws: stopGradient(draws),
        even: tf.tensor1d(evenly),
      };
      const positions = tf.engine().runKernel(fused, given, { within: leftEdge ? 0 : 1 });
      return (positions as unknown as [tf.Tensor2D])[0];
    }
    const mass = tf.expandDims(attended, 1); // [batch, 1, bins]
    const cumulative = tf.cumsum(mass, 2); // a negative axis gives nothing on cpu and wasm
    const total = tf.slice(cumulative, [0, 0, bins - 1], [batch, 1, 1]);
    const targets = tf.mul(tf.expandDims(ascending(draws), 2), total); // [batch, samples, 1]
    const whole = tf.cast(tf.lessEqual(cumulative, targets), "float32"); // [batch, samples, bins]
    const passed = leftEdge ? whole : tf.maximum(whole, sharesPassed(targets, mass));
    const most = leftEdge ? bins - 1 : bins;
    const drawn = tf.div(tf.minimum(tf.sum(passed, 2), most), bins);
    const even = tf.tensor2d(evenly, [1, samples]);
    const looked = tf.cast(tf.greater(tf.reshape(total, [batch, 1]), 0), "float32");
    return tf.add(tf.mul(drawn, looked), tf.mul(even, tf.sub(1, looked))) as tf.Tensor2D;
  });
}

/** Rows in ascending order; sorting the draws sorts what rises with them. */
function ascending(x: tf.Tensor2D): tf.Tensor {
  return tf.neg(tf.topk(tf.neg(x), x.shape[1], true).values);
}

/** `[batch, samples, bins]`: the share of each bin's mass that lies below the target, in [0, 1]. */
function sharesPassed(targets: tf.Tensor, mass: tf.Tensor): tf.Tensor {
  const before = tf.cumsum(mass, 2, true);
  return tf.clipByValue(tf.div(tf.sub(targets, before), tf.maximum(mass, smallestMass)), 0, 1);
}
