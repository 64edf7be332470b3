import type { AttentionDensity } from "@infinite-former/attention";
import { densityMass, type MemoryPlan } from "@infinite-former/memory";
import { addLayerNorm, layerNorm, rowLinear, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { InfiniteFormerConfig, TransformerConfig } from "./config.js";
import { hasLongTerm } from "./config.js";
import type { SegmentReading } from "./decoding-segment.js";
import type { AttentionNoted, LayerRings } from "./decoding-state.js";
import { ringSizes } from "./decoding-state.js";
import type { DecodingLayerWeights, DecodingWeights } from "./decoding-weights.js";
import { embedTokens } from "./embed-tokens.js";
import type { ForwardModel } from "./forward.js";
import { readLongTerm } from "./long-term-reading.js";
import { continuousAttentionConfig } from "./params.js";
import { writeRing } from "./ring.js";
import { type RingView, ringAttention, ringView } from "./ring-attention.js";
import { rowFeedForward } from "./row-feed-forward.js";
import { fewRows } from "./row-product.js";
import { tokenScores } from "./token-scores.js";

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

/** One token's place in the rings, the same for all layers. */
interface View {
  readonly keys: RingView;
  /** Slot of the ring of rows that this token's goes into. */
  readonly rows: tf.Tensor1D;
}

/**
 * One token in every row: the numbers of `forward` with one token, from rings
 * that hold the keys and values of the past, so that only the new row is
 * projected.
 *
 * @param tensors borrowed, but the rings are given up: see `writeRing`.
 * @param input int32: slots of the two rings, tokens of the unfinished segment per row, a token id per row.
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
    let x = tf.mul(embedTokens(weights, ids), Math.sqrt(config.modelSize)) as tf.Tensor2D;
    const rings: LayerRings[] = [];
    const noted: tf.Tensor2D[] = [];
    weights.layers.forEach((layer, index) => {
      const own = tensors.rings[index] as LayerRings;
      const attended = attend(model, weights, x, own, view, tensors, index);
      rings.push(attended.rings);
      if (attended.noted !== null) noted.push(attended.noted);
      x = positionWise(config, layer, x, attended.context);
    });
    const last = weights.finalNorm === undefined ? x : (layerNorm(weights.finalNorm, x) as tf.Tensor2D);
    const plain = { kernel: weights.output as tf.Tensor2D | undefined };
    const logits = tokenScores(weights, plain, last, fewRows);
    return { logits, rings, noted };
  });
}

function viewOf(
  config: TransformerConfig,
  batch: number,
  { near }: SegmentReading,
  input: tf.Tensor1D,
): { readonly view: View; readonly ids: tf.Tensor1D } {
  const part = (start: number, count: number): tf.Tensor1D => tf.slice(input, [start], [count]);
  const reach = tf.add(near, part(2, batch)) as tf.Tensor1D; // a row sees this far
  return {
    view: { keys: ringView(part(0, 1), reach, ringSizes(config).keys), rows: part(1, 1) },
    ids: part(2 + batch, batch),
  };
}

/** Both attentions of one layer, `[batch, model]` together, on top of `x` where norms come before; what they leave. */
function attend(
  { config, plan }: Pick<ForwardModel, "config" | "plan">,
  { contentBias, positionBias, layers }: DecodingWeights,
  x: tf.Tensor2D,
  own: LayerRings,
  view: View,
  { noted, reading }: StepTensors,
  index: number,
): { readonly context: tf.Tensor2D; readonly rings: LayerRings; readonly noted: tf.Tensor2D | null } {
  const layer = layers[index] as DecodingLayerWeights;
  const added = config.norm === "pre" ? { residual: x } : {};
  const row = config.norm === "pre" ? (layerNorm(layer.attentionNorm, x) as tf.Tensor2D) : x;
  const projected = rowLinear({ kernel: layer.kernel }, row);
  const relative = { distances: layer.distances, contentBias, positionBias };
  const { context: short, ...keysAndValues } = ringAttention({
    projected,
    keys: own.keys,
    values: own.values,
    view: view.keys,
    relative,
  });
  const rings: LayerRings = { ...keysAndValues, rows: writeRing(own.rows, x, view.rows) };
  if (!hasLongTerm(config) || plan === null) {
    return { context: rowLinear({ kernel: layer.output }, short, added), rings, noted: null };
  }
  const prepared = reading.longTerm[index] as SegmentReading["longTerm"][0];
  const read = readLongTerm(prepared, continuousAttentionConfig(config), plan.basis, projected, 1);
  const mass = noted[index];
  return {
    context: rowLinear({ kernel: layer.output }, tf.concat2d([short, read.context], 1), added),
    rings,
    noted: mass === undefined ? null : noteAttention(config, plan, mass, read.density, reading),
  };
}

function noteAttention(
  { longTerm }: InfiniteFormerConfig,
  { basis }: MemoryPlan,
  mass: tf.Tensor2D,
  density: AttentionDensity,
  { remembering }: SegmentReading,
): tf.Tensor2D {
  const more = densityMass(longTerm.stickyBins, { ...density, density: longTerm.density, basis });
  return tf.add(mass, tf.mul(more, remembering as tf.Tensor2D));
}

/** Residual sums, norms and position-wise layers of a block; `context` as `attend` gives it. */
function positionWise(
  { norm, activation }: TransformerConfig,
  layer: DecodingLayerWeights,
  x: tf.Tensor2D,
  context: tf.Tensor2D,
): tf.Tensor2D {
  if (norm === "pre") {
    const normed = layerNorm(layer.feedForwardNorm, context) as tf.Tensor2D;
    return rowFeedForward(layer.feedForward, normed, activation, context);
  }
  const middle = addLayerNorm(layer.attentionNorm, [x, context]) as tf.Tensor2D;
  const outer = rowFeedForward(layer.feedForward, middle, activation);
  return addLayerNorm(layer.feedForwardNorm, [middle, outer]) as tf.Tensor2D;
}
