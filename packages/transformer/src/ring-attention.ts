import { hasKernel, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { composedRingAttention } from "./ring-attention-composed.js";

/** Added to a score that must not count, as in `attentionMask`. */
const BLOCKED = -1e30;

/** Where the newest row goes and what each row of the batch sees, the same for all layers. */
export interface RingView {
  /** One int32 number in `[0, C)`: slot of this token's row. */
  readonly slot: tf.Tensor;
  /** `[batch]` int32 ≥ 0: the furthest distance that a row sees; 0 is its own. */
  readonly reach: tf.Tensor1D;
  /** `[C]` int32: distance of every slot, `(slot − j) mod C`. */
  readonly distances: tf.Tensor1D;
  /** `[batch, 1, 1, C]`: −1e30 in slots out of reach, else 0. */
  readonly mask: tf.Tensor4D;
}

/** The view of a token; owned by the caller. */
export function ringView(slot: tf.Tensor, reach: tf.Tensor1D, slots: number): RingView {
  return tidyTree(() => {
    const back = tf.sub(tf.add(tf.reshape(slot, [1]), slots), tf.range(0, slots, 1, "int32"));
    const distances = tf.cast(tf.mod(back, slots), "int32") as tf.Tensor1D;
    const beyond = tf.cast(tf.greater(tf.expandDims(distances, 0), tf.expandDims(reach, 1)), "float32");
    const mask: tf.Tensor4D = tf.reshape(tf.mul(beyond, BLOCKED), [reach.size, 1, 1, slots]);
    return { slot: tf.clone(slot), reach: tf.clone(reach), distances, mask };
  });
}

/** Scores by distance. */
export interface RelativeScores {
  /** `[H, T, d]`: a row for each distance, the furthest first, for as many as are seen. */
  readonly distances: tf.Tensor3D;
  /** `[batch]` int32: the row of distance 0; T − 1 by default. */
  readonly origin?: tf.Tensor1D;
  /** `[H, d]`, added to the query for keys; none by default. */
  readonly contentBias?: tf.Tensor2D;
  /** `[H, d]`, added to the query for distances; none by default. */
  readonly positionBias?: tf.Tensor2D;
}

/** Rows that lie right behind the furthest slot in reach. */
export interface OlderRows {
  /** `[batch, H, K, d]`, oldest first. */
  readonly keys: tf.Tensor4D;
  readonly values: tf.Tensor4D;
  /** `[batch]` int32: how many of the last ones are seen. */
  readonly count: tf.Tensor1D;
}

/** One token a row, and its past. */
export interface RingAttentionInput {
  /** `[batch, 3·H·d]`: queries, keys, values. */
  readonly projected: tf.Tensor2D;
  /** `[batch, H, C, d]`; given up by the caller, see `writeRing`. */
  readonly keys: tf.Tensor4D;
  /** Likewise. */
  readonly values: tf.Tensor4D;
  readonly view: RingView;
  readonly relative?: RelativeScores;
  readonly older?: OlderRows;
  /** Times the scores; 1 by default. */
  readonly scale?: number;
}

/** Owned by the caller. */
export interface RingAttentionOutput {
  /** `[batch, H·d]` */
  readonly context: tf.Tensor2D;
  /** The rings with the new rows. */
  readonly keys: tf.Tensor4D;
  readonly values: tf.Tensor4D;
}

const fused = "InfiniteFormerRingAttention";

/**
 * Softmax attention of one query a row over rings of keys and values, into which
 * the row's own go first, and over older rows behind them:
 *
 * `scores[j] = ((q + u) · k[j] + (q + v) · r[distance of j]) · scale`.
 *
 * On native TensorFlow's processor backend one kernel, which reads nothing of
 * what a row does not see; elsewhere products over whole rings and a mask.
 *
 * @returns see `RingAttentionOutput`. There is no gradient.
 */
export function ringAttention(input: RingAttentionInput): RingAttentionOutput {
  return tidyTree(() => (hasKernel(fused) ? native(input) : composedRingAttention(input)));
}

function native(input: RingAttentionInput): RingAttentionOutput {
  const { projected, keys, values, view, relative, older, scale = 1 } = input;
  const behind = older && { olderKeys: older.keys, olderValues: older.values, older: older.count };
  const given = { projected, keys, values, slot: view.slot, reach: view.reach, ...relative, ...behind };
  const [context, newKeys, newValues] = tf.engine().runKernel(fused, given, { scale }) as [
    tf.Tensor2D,
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  return { context, keys: newKeys, values: newValues };
}
