import * as tf from "@tensorflow/tfjs-core";
import { writeRing } from "./ring.js";
import type {
  OlderRows,
  RelativeScores,
  RingAttentionInput,
  RingAttentionOutput,
  RingView,
} from "./ring-attention.js";

/** Added to a score that must not count, as in `attentionMask`. */
const BLOCKED = -1e30;

/** `ringAttention` from stock operations: products over whole rings, and a mask. */
export function composedRingAttention(input: RingAttentionInput): RingAttentionOutput {
  const { projected, view, relative, older, scale = 1 } = input;
  const [batch, heads, , size] = input.keys.shape;
  const [query, key, value] = tf.split(projected, 3, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const keys = writeRing(input.keys, key, view.slot);
  const values = writeRing(input.values, value, view.slot);
  const plain = tf.reshape(scale === 1 ? query : tf.mul(query, scale), [
    batch,
    heads,
    1,
    size,
  ]) as tf.Tensor4D;
  const biased = (bias: tf.Tensor2D | undefined): tf.Tensor4D =>
    bias === undefined ? plain : tf.add(plain, tf.mul(tf.reshape(bias, [1, heads, 1, size]), scale));
  const behind = (ring: tf.Tensor4D, rows?: tf.Tensor4D): tf.Tensor4D =>
    rows === undefined ? ring : tf.concat([rows, ring], 2);
  let scores = tf.matMul(biased(relative?.contentBias), behind(keys, older?.keys), false, true);
  if (relative !== undefined) {
    const products = distanceProducts(biased(relative.positionBias), relative.distances);
    scores = tf.add(scores, byDistance(products, relative, view, older));
  }
  const mask = older === undefined ? view.mask : tf.concat([olderMask(older), view.mask], 3);
  const read = tf.matMul(tf.softmax(tf.add(scores, mask)), behind(values, older?.values));
  return { context: tf.reshape(read, [batch, heads * size]), keys, values };
}

/** `[batch, H, T]`: products with one table for all rows of the batch. */
function distanceProducts(queries: tf.Tensor4D, table: tf.Tensor3D): tf.Tensor3D {
  const [batch, heads, , size] = queries.shape;
  const headFirst = tf.transpose(tf.reshape(queries, [batch, heads, size]), [1, 0, 2]);
  return tf.transpose(tf.matMul(headFirst, table, false, true), [1, 0, 2]) as tf.Tensor3D;
}

/** `[batch, H, 1, K + C]`: of the products the one of each key's distance. */
function byDistance(
  products: tf.Tensor3D,
  { origin }: RelativeScores,
  { distances, reach }: RingView,
  older: OlderRows | undefined,
): tf.Tensor4D {
  const [batch, heads, rows] = products.shape;
  const last = tf.scalar(rows - 1, "int32");
  if (origin === undefined && older === undefined) {
    return tf.expandDims(tf.gather(products, tf.sub(last, distances) as tf.Tensor1D, 2), 2);
  }
  const near = tf.tile(tf.expandDims(distances, 0), [batch, 1]);
  const every = older === undefined ? near : tf.concat([olderDistances(older, reach), near], 1);
  const columns = tf.sub(tf.expandDims(origin ?? tf.tile(tf.reshape(last, [1]), [batch]), 1), every);
  const within = tf.minimum(tf.maximum(columns, tf.scalar(0, "int32")), last); // masked where it is not
  const starts = tf.range(0, batch * rows, rows, "int32");
  const places = tf.reshape(tf.add(within, tf.expandDims(starts, 1)), [-1]) as tf.Tensor1D;
  const flat = tf.reshape(tf.transpose(products, [0, 2, 1]), [batch * rows, heads]);
  const taken = tf.reshape(tf.gather(flat, places), [batch, -1, heads]);
  return tf.expandDims(tf.transpose(taken, [0, 2, 1]), 2);
}

/** `[batch, K]` int32: the last older row lies right behind the furthest slot in reach. */
function olderDistances({ keys }: OlderRows, reach: tf.Tensor1D): tf.Tensor2D {
  const back = tf.range(keys.shape[2], 0, -1, "int32");
  return tf.add(tf.expandDims(reach, 1), tf.expandDims(back, 0));
}

/** `[batch, 1, 1, K]` */
function olderMask({ keys, count }: OlderRows): tf.Tensor4D {
  const rows = keys.shape[2];
  const back = tf.range(rows, 0, -1, "int32");
  const beyond = tf.cast(tf.greater(tf.expandDims(back, 0), tf.expandDims(count, 1)), "float32");
  return tf.reshape(tf.mul(beyond, BLOCKED), [count.size, 1, 1, rows]);
}
