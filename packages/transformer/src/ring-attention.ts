import { hasKernel, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { writeRing } from "./ring.js";

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
    const distances = tf.mod(back, tf.scalar(slots, "int32")) as tf.Tensor1D;
    const beyond = tf.cast(tf.greater(tf.expandDims(distances, 0), tf.expandDims(reach, 1)), "float32");
    const mask: tf.Tensor4D = tf.reshape(tf.mul(beyond, BLOCKED), [reach.size, 1, 1, slots]);
    return { slot: tf.clone(slot), reach: tf.clone(reach), distances, mask };
  });
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
  /** Relative positions, if the scores have them. */
  readonly relative?: {
    /** `[H, C, d]`: projected distances C−1 … 0. */
    readonly distances: tf.Tensor3D;
    /** `[H, d]`, added to the query for keys. */
    readonly contentBias: tf.Tensor2D;
    /** `[H, d]`, added to the query for distances. */
    readonly positionBias: tf.Tensor2D;
  };
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
 * the row's own go first:
 *
 * `scores[j] = ((q + u) · k[j] + (q + v) · r[distance of j]) · scale`.
 *
 * On native TensorFlow's processor backend one kernel, which reads nothing of
 * what a row does not see; elsewhere products over whole rings and a mask.
 *
 * @returns see `RingAttentionOutput`. There is no gradient.
 */
export function ringAttention(input: RingAttentionInput): RingAttentionOutput {
  return tidyTree(() => (hasKernel(fused) ? native(input) : composed(input)));
}

function native({
  projected,
  keys,
  values,
  view,
  relative,
  scale = 1,
}: RingAttentionInput): RingAttentionOutput {
  const { slot, reach } = view;
  const given = { projected, keys, values, slot, reach, ...relative };
  const [context, newKeys, newValues] = tf.engine().runKernel(fused, given, { scale }) as [
    tf.Tensor2D,
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  return { context, keys: newKeys, values: newValues };
}

function composed(input: RingAttentionInput): RingAttentionOutput {
  const { projected, view, relative, scale = 1 } = input;
  const [batch, heads, , size] = input.keys.shape;
  const [query, key, value] = tf.split(projected, 3, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const keys = writeRing(input.keys, key, view.slot);
  const values = writeRing(input.values, value, view.slot);
  const plain = tf.reshape(scale === 1 ? query : tf.mul(query, scale), [batch, heads, 1, size]);
  const biased = (bias: tf.Tensor2D): tf.Tensor4D =>
    tf.add(plain, tf.mul(tf.reshape(bias, [1, heads, 1, size]), scale));
  const content = relative === undefined ? plain : biased(relative.contentBias);
  let scores = tf.matMul(content, keys, false, true);
  if (relative !== undefined) {
    const byDistance = distanceProducts(biased(relative.positionBias), relative.distances);
    const columns = tf.sub(relative.distances.shape[1] - 1, view.distances) as tf.Tensor1D;
    scores = tf.add(scores, tf.gather(byDistance, tf.cast(columns, "int32"), 3));
  }
  const read = tf.matMul(tf.softmax(tf.add(scores, view.mask)), values);
  return { context: tf.reshape(read, [batch, heads * size]), keys, values };
}

/** `[batch, H, 1, C]`: products with one table for all rows of the batch. */
function distanceProducts(queries: tf.Tensor4D, table: tf.Tensor3D): tf.Tensor {
  const [batch, heads, , size] = queries.shape;
  const slots = table.shape[1];
  const headFirst = tf.transpose(tf.reshape(queries, [batch, heads, size]), [1, 0, 2]);
  const products = tf.matMul(headFirst, table, false, true);
  return tf.reshape(tf.transpose(products, [1, 0, 2]), [batch, heads, 1, slots]);
}
