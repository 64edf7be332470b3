import { tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { checkMemory } from "./check-memory.js";
import type { LongTermMemory } from "./long-term.js";
import type { MemoryPlan } from "./plan.js";

/**
 * Two memories as one: the signal of `older` on `[0, ½]`, that of `newer` on
 * `(½, 1]`. Both are sampled evenly, whatever `sampling` says, and fitted anew;
 * that is linear, so it is one product each, composed in float64 by the plan:
 * `B = older · B₁ + newer · B₂`.
 *
 * By batch row:
 * - where one of the two is empty the other comes back as it is, over all of
 *   `[0, 1]`, as a first segment takes all of it; where both are, an empty row.
 * - `segments` is the sum. With `wipeAfter` a row that has that many by now is
 *   emptied by its next update, as ever.
 * - attention mass moves with the places it belongs to: two bins of `older`
 *   become one of the first half. Masses stay as counted, so that the half that
 *   was looked at more gets more samples in the next update.
 *
 * @param plan of the configuration under which both were made.
 * @param older borrowed. @param newer borrowed, of the same batch and model size.
 * @returns a new memory, owned by the caller. Differentiable in the coefficients of both.
 * @throws {ShapeError} `ERR_SHAPE` naming the tensor whose shape or type does not fit.
 * @throws {ConfigError} `ERR_CONFIG` with the path of attention mass that is missing or superfluous.
 */
export function merge(plan: MemoryPlan, older: LongTermMemory, newer: LongTermMemory): LongTermMemory {
  const sizes = checkMemory("merge", "older", older, plan.config);
  checkMemory("merge", "newer", newer, plan.config, sizes);
  const maps = plan.merge();
  return tidyTree(() => {
    const [before, after] = [tf.minimum(older.segments, 1), tf.minimum(newer.segments, 1)];
    const both = tf.mul(before, after); // [batch], 1 where neither is empty
    const choose = (joined: tf.Tensor, single: tf.Tensor): tf.Tensor => {
      const rows = tf.reshape(both, [-1, ...joined.shape.slice(1).map(() => 1)]);
      return tf.add(tf.mul(joined, rows), tf.mul(single, tf.sub(1, rows)));
    };
    const joined = tf.add(
      tf.matMul(tf.expandDims(maps.older, 0), older.coefficients),
      tf.matMul(tf.expandDims(maps.newer, 0), newer.coefficients),
    );
    const attended = older.attended && newer.attended && mass(older.attended, newer.attended, before, choose);
    return {
      coefficients: choose(joined, tf.add(older.coefficients, newer.coefficients)) as tf.Tensor3D,
      segments: tf.add(older.segments, newer.segments) as tf.Tensor1D,
      ...(attended ? { attended } : {}),
    };
  });
}

/** `[batch, bins]`: bins of half the width side by side, added by pairs; the mass of the row that is not empty where one is. */
function mass(
  older: tf.Tensor2D,
  newer: tf.Tensor2D,
  before: tf.Tensor,
  choose: (joined: tf.Tensor, single: tf.Tensor) => tf.Tensor,
): tf.Tensor2D {
  const pairs = tf.reshape(tf.concat([older, newer], 1), [...older.shape, 2]);
  const some = tf.reshape(before, [-1, 1]);
  const single = tf.add(tf.mul(older, some), tf.mul(newer, tf.sub(1, some)));
  return choose(tf.sum(pairs, 2), single) as tf.Tensor2D;
}
