import type { MemoryPlan } from "@infinite-former/memory";
import { attentionMass } from "@infinite-former/memory";
import { embed, layerNorm, tidyTree } from "@infinite-former/tensor";
import type { LongTermParams } from "@infinite-former/transformer";
import {
  continuousAttentionConfig,
  readLongTerm,
  rowFeedForward,
  rowLinear,
  rowProduct,
  writeRing,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { Gpt2Config } from "./config.js";
import { remembers } from "./config.js";
import type { Gpt2Reading } from "./decoding-segment.js";
import type { Gpt2Rings } from "./decoding-state.js";
import type { Gpt2Model } from "./model.js";
import type { Gpt2LayerParams, Gpt2Params } from "./params.js";

/** Added to a score that must not count. */
const BLOCKED = -1e30;

/** What a step reads and writes. */
export interface Gpt2StepTensors {
  readonly rings: readonly Gpt2Rings[];
  readonly noted: readonly tf.Tensor2D[];
  readonly reading: Gpt2Reading;
}

/** Where a token's row goes, and what it sees. */
interface View {
  readonly slots: { readonly keys: tf.Scalar; readonly rows: tf.Scalar };
  /** `[batch, 1, 1, L]` */
  readonly mask: tf.Tensor4D;
}

/**
 * One token in every row: the numbers of `gpt2` with one token, from rings that
 * hold the segment's keys and values.
 *
 * @param tensors borrowed, but the rings are given up: see `writeRing`.
 * @param input int32: slots of the two rings, the distance of every slot of the keys, tokens of the unfinished
 *   segment per row, a token id per row.
 * @returns logits `[batch, vocabulary]` and what goes on, owned by the caller.
 */
export function decodingStep(
  { config, plan }: Pick<Gpt2Model, "config" | "plan">,
  params: Gpt2Params,
  tensors: Gpt2StepTensors,
  input: tf.Tensor1D,
): {
  readonly logits: tf.Tensor2D;
  readonly rings: readonly Gpt2Rings[];
  readonly noted: readonly tf.Tensor2D[];
} {
  const length = config.segmentLength;
  const [batch] = tensors.reading.remembering.shape;
  return tidyTree(() => {
    const part = (start: number, count: number): tf.Tensor1D => tf.slice(input, [start], [count]);
    const current = part(2 + length, batch);
    const distances = tf.reshape(part(2, length), [1, length]);
    const beyond = tf.cast(tf.greater(distances, tf.expandDims(current, 1)), "float32");
    const view: View = {
      slots: { keys: tf.reshape(part(0, 1), []), rows: tf.reshape(part(1, 1), []) },
      mask: tf.reshape(tf.mul(beyond, BLOCKED), [batch, 1, 1, length]),
    };
    const words = embed(params.tokens, part(2 + length + batch, batch));
    let x = tf.add(words, embed(params.positions, current)) as tf.Tensor2D;
    const rings: Gpt2Rings[] = [];
    const noted: tf.Tensor2D[] = [];
    params.layers.forEach((layer, index) => {
      const out = decodingBlock({ config, plan }, layer, x, tensors, index, view);
      x = out.output;
      rings.push(out.rings);
      if (out.noted !== null) noted.push(out.noted);
    });
    const hidden = layerNorm(params.finalNorm, x, config.normEpsilon) as tf.Tensor2D;
    const { output } = params;
    const logits =
      output === undefined ? rowProduct(hidden, params.tokens, true) : rowProduct(hidden, output);
    return { logits, rings, noted };
  });
}

function decodingBlock(
  { config, plan }: Pick<Gpt2Model, "config" | "plan">,
  params: Gpt2LayerParams,
  x: tf.Tensor2D,
  tensors: Gpt2StepTensors,
  index: number,
  { slots, mask }: View,
): { readonly output: tf.Tensor2D; readonly rings: Gpt2Rings; readonly noted: tf.Tensor2D | null } {
  const { heads, headSize, modelSize, normEpsilon, activation } = config;
  const [batch] = x.shape;
  const own = tensors.rings[index] as Gpt2Rings;
  const normed = layerNorm(params.attentionNorm, x, normEpsilon) as tf.Tensor2D;
  const [query, key, value] = tf.split(rowLinear(params.attention.projection, normed), 3, 1);
  const queries: tf.Tensor4D = tf.reshape(query as tf.Tensor, [batch, heads, 1, headSize]);
  const rings: Gpt2Rings = {
    keys: writeRing(own.keys, key as tf.Tensor, slots.keys),
    values: writeRing(own.values, value as tf.Tensor, slots.keys),
    ...(own.rows === undefined ? {} : { rows: writeRing(own.rows, absorbed(config, x, normed), slots.rows) }),
  };
  const scale = (config.scaledScores ? 1 / Math.sqrt(headSize) : 1) / (config.scoresByLayer ? index + 1 : 1);
  const scores = tf.matMul(tf.mul<tf.Tensor4D>(queries, scale), rings.keys, false, true);
  const read = tf.matMul(tf.softmax(tf.add<tf.Tensor4D>(scores, mask)), rings.values);
  let context = rowLinear(params.attention.output, tf.reshape(read, [batch, modelSize]) as tf.Tensor2D);
  let noted: tf.Tensor2D | null = null;
  if (remembers(config)) {
    const { reading } = tensors;
    const prepared = reading.longTerm[index] as Gpt2Reading["longTerm"][0];
    const scaled = tf.mul<tf.Tensor4D>(queries, 1 / Math.sqrt(headSize));
    const { basis } = plan as MemoryPlan;
    const memory = readLongTerm(prepared, continuousAttentionConfig(config), basis, scaled);
    const { output } = (params.longTerm as LongTermParams).attention;
    context = tf.add(context, rowProduct(memory.context, output.kernel));
    const mass = tensors.noted[index];
    if (mass !== undefined) {
      const { stickyBins, density } = config.longTerm;
      const { mean, variance } = memory.density as {
        readonly mean: tf.Tensor3D;
        readonly variance: tf.Tensor3D;
      };
      const more = attentionMass(stickyBins, { mean, variance, density });
      noted = tf.add<tf.Tensor2D>(mass, tf.mul(more, reading.remembering));
    }
  }
  const middle = tf.add(x, context);
  const inner = layerNorm(params.feedForwardNorm, middle, normEpsilon) as tf.Tensor2D;
  return { output: tf.add(middle, rowFeedForward(params.feedForward, inner, activation)), rings, noted };
}

/** What the layer absorbs of a row later, as `rowsToAbsorb` has it. */
function absorbed(config: Gpt2Config, x: tf.Tensor2D, normed: tf.Tensor2D): tf.Tensor2D {
  return config.longTerm?.input === "normed" ? normed : x;
}
