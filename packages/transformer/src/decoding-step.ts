import { attentionMass } from "@infinite-former/memory";
import { addLayerNorm, embed, layerNorm, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { InfiniteFormerConfig, TransformerConfig } from "./config.js";
import { hasLongTerm } from "./config.js";
import type { SegmentReading } from "./decoding-segment.js";
import type { AttentionNoted, LayerRings } from "./decoding-state.js";
import { ringSizes } from "./decoding-state.js";
import type { DecodingLayerWeights, DecodingWeights } from "./decoding-weights.js";
import type { ForwardModel } from "./forward.js";
import { readLongTerm } from "./long-term-reading.js";
import { continuousAttentionConfig } from "./params.js";
import { writeRing } from "./ring.js";
import { rowFeedForward } from "./row-feed-forward.js";
import { rowProduct } from "./row-product.js";

/** Added to a score that must not count, as in `attentionMask`. */
const BLOCKED = -1e30;

/** What a step reads and writes. */
export interface StepTensors {
  readonly rings: readonly LayerRings[];
  readonly noted: AttentionNoted;
  readonly reading: SegmentReading;
}

/** What a step gives; owned by the caller. */
export interface StepOutput {
  /** `[batch, vocabulary]` */
  readonly logits: tf.Tensor2D;
  readonly rings: readonly LayerRings[];
  readonly noted: AttentionNoted;
}

/** One token's view of its past, the same for all layers. */
interface View {
  /** Slots that this token's row goes into. */
  readonly slots: { readonly keys: tf.Scalar; readonly rows: tf.Scalar };
  /** `[C]` int32: distance of each slot of the keys. */
  readonly distances: tf.Tensor1D;
  /** `[batch, 1, 1, C]`: −1e30 where a slot is of no row that counts, else 0. */
  readonly mask: tf.Tensor4D;
}

/**
 * One token in every row: the numbers of `forward` with one token, from rings
 * that hold the keys and values of the past, so that only the new row is
 * projected.
 *
 * @param tensors borrowed, but the rings are given up: see `writeRing`.
 * @param input int32: slots of the two rings, the distance of every slot of the keys, tokens of the unfinished
 *   segment per row, a token id per row.
 */
export function decodingStep(
  model: Pick<ForwardModel, "config" | "plan">,
  weights: DecodingWeights,
  tensors: StepTensors,
  input: tf.Tensor1D,
): StepOutput {
  const { config } = model;
  const [batch] = tensors.reading.near.shape;
  return tidyTree(() => {
    const { view, ids } = viewOf(config, batch, tensors.reading, input);
    let x = tf.mul(embed(weights.embedding, ids), Math.sqrt(config.modelSize)) as tf.Tensor2D;
    const rings: LayerRings[] = [];
    const noted: tf.Tensor2D[] = [];
    weights.layers.forEach((layer, index) => {
      const own = tensors.rings[index] as LayerRings;
      const attended = attend(model, layer, x, own, view, tensors, index);
      rings.push(attended.rings);
      if (attended.noted !== null) noted.push(attended.noted);
      x = positionWise(config, layer, x, attended.context);
    });
    const last = weights.finalNorm === undefined ? x : (layerNorm(weights.finalNorm, x) as tf.Tensor2D);
    const { output } = weights;
    const logits =
      output === undefined ? rowProduct(last, weights.embedding, true) : rowProduct(last, output);
    return { logits, rings, noted };
  });
}

function viewOf(
  config: TransformerConfig,
  batch: number,
  { near }: SegmentReading,
  input: tf.Tensor1D,
): { readonly view: View; readonly ids: tf.Tensor1D } {
  const slots = ringSizes(config).keys;
  const part = (start: number, count: number): tf.Tensor1D => tf.slice(input, [start], [count]);
  const distances = part(2, slots);
  const current = tf.cast(part(2 + slots, batch), "float32");
  const furthest = tf.add(near, tf.expandDims(current, 1)); // a row sees this far
  const beyond = tf.greater(tf.reshape(tf.cast(distances, "float32"), [1, slots]), furthest);
  const mask = tf.mul(tf.cast(beyond, "float32"), BLOCKED);
  return {
    view: {
      slots: { keys: tf.reshape(part(0, 1), []), rows: tf.reshape(part(1, 1), []) },
      distances,
      mask: tf.reshape(mask, [batch, 1, 1, slots]),
    },
    ids: part(2 + slots + batch, batch),
  };
}

/** Both attentions of one layer, `[batch, model]` together, and what they leave. */
function attend(
  { config, plan }: Pick<ForwardModel, "config" | "plan">,
  layer: DecodingLayerWeights,
  x: tf.Tensor2D,
  own: LayerRings,
  { slots, distances, mask }: View,
  { noted, reading }: StepTensors,
  index: number,
): { readonly context: tf.Tensor2D; readonly rings: LayerRings; readonly noted: tf.Tensor2D | null } {
  const { heads, headSize } = config;
  const [batch] = x.shape;
  const width = heads * headSize;
  const row = config.norm === "pre" ? (layerNorm(layer.attentionNorm, x) as tf.Tensor2D) : x;
  const projected = tf.split(tf.add(rowProduct(row, layer.kernel), layer.bias), 3, 1);
  const [query, key, value] = projected as [tf.Tensor, tf.Tensor, tf.Tensor];
  const queries: tf.Tensor4D = tf.reshape(query, [batch, heads, 1, headSize]);
  const rings: LayerRings = {
    keys: writeRing(own.keys, key, slots.keys),
    values: writeRing(own.values, value, slots.keys),
    rows: writeRing(own.rows, x, slots.rows),
  };
  const byDistance = tf.add(distanceProducts(queries, layer.distances), layer.distanceScores);
  const bySlot = tf.gather(byDistance, distances, 3);
  const scores = tf.add(tf.add(tf.matMul(queries, rings.keys, false, true), bySlot), mask);
  const short = tf.reshape(tf.matMul(tf.softmax(scores), rings.values), [batch, width]) as tf.Tensor2D;
  if (!hasLongTerm(config) || plan === null) {
    return { context: rowProduct(short, layer.output), rings, noted: null };
  }
  const prepared = reading.longTerm[index] as SegmentReading["longTerm"][0];
  const read = readLongTerm(prepared, continuousAttentionConfig(config), plan.basis, queries);
  const { mean, variance } = read.density as { readonly mean: tf.Tensor3D; readonly variance: tf.Tensor3D };
  const mass = noted[index];
  return {
    context: rowProduct(tf.concat2d([short, read.context], 1), layer.output),
    rings,
    noted: mass === undefined ? null : noteAttention(config, mass, { mean, variance }, reading),
  };
}

/** `[batch, H, 1, C]`: products with one table for all rows of the batch. */
function distanceProducts(queries: tf.Tensor4D, table: tf.Tensor4D): tf.Tensor {
  const [batch, heads, , size] = queries.shape;
  const slots = table.shape[3];
  const headFirst = tf.transpose(tf.reshape(queries, [batch, heads, size]), [1, 0, 2]);
  const products = tf.matMul(headFirst, tf.reshape(table, [heads, size, slots]));
  return tf.reshape(tf.transpose(products, [1, 0, 2]), [batch, heads, 1, slots]);
}

function noteAttention(
  { longTerm }: InfiniteFormerConfig,
  mass: tf.Tensor2D,
  density: { readonly mean: tf.Tensor3D; readonly variance: tf.Tensor3D },
  { remembering }: SegmentReading,
): tf.Tensor2D {
  const more = attentionMass(longTerm.stickyBins, { ...density, density: longTerm.density });
  return tf.add(mass, tf.mul(more, remembering as tf.Tensor2D));
}

/** The residual sums, norms and position-wise layers of a block. */
function positionWise(
  { norm, activation }: TransformerConfig,
  layer: DecodingLayerWeights,
  x: tf.Tensor2D,
  context: tf.Tensor2D,
): tf.Tensor2D {
  if (norm === "pre") {
    const residual = tf.add(x, context);
    const normed = layerNorm(layer.feedForwardNorm, residual) as tf.Tensor2D;
    return tf.add(residual, rowFeedForward(layer.feedForward, normed, activation));
  }
  const middle = addLayerNorm(layer.attentionNorm, [x, context]) as tf.Tensor2D;
  const outer = rowFeedForward(layer.feedForward, middle, activation);
  return addLayerNorm(layer.feedForwardNorm, [middle, outer]) as tf.Tensor2D;
}
