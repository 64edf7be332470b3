import type { LongTermMemory, MemoryPlan } from "@infinite-former/memory";
import { absorb, gate, layerPositions, recordAttention } from "@infinite-former/memory";
import { layerNorm, mapTree, stopGradient, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { block } from "./block.js";
import { checkPiece } from "./check-piece.js";
import { checkState } from "./check-state.js";
import type { TransformerConfig } from "./config.js";
import { hasLongTerm } from "./config.js";
import { noDropout } from "./dropout-seeds.js";
import { embedTokens } from "./embed-tokens.js";
import { firstKey } from "./first-key.js";
import type { ForwardOptions, LanguageModelOutput } from "./language-model.js";
import { lastRows } from "./last-rows.js";
import { logitRows } from "./logit-rows.js";
import type { LongTermParams, TransformerParams } from "./params.js";
import { continuousAttentionConfig } from "./params.js";
import { relativePositions } from "./relative-position.js";
import { manyRows } from "./row-product.js";
import type { TransformerState } from "./state.js";
import { recentCapacity, stateRows } from "./state.js";
import { tokenScores } from "./token-scores.js";

/** What a forward pass needs beside state and tokens; borrowed. */
export interface ForwardModel {
  readonly config: TransformerConfig;
  readonly params: TransformerParams;
  /** Constants of the memory update; `null` in a Transformer-XL. */
  readonly plan: MemoryPlan | null;
}

/** What one forward pass gives; all owned by the caller. */
export interface ForwardOutput extends LanguageModelOutput<TransformerState> {
  /** `[batch, tokens with logits (all where there are none), model]` output of the last block. */
  readonly hidden: tf.Tensor3D;
  /** `hidden` after the final norm and dropout: what the output layer sees, and `adaptiveCrossEntropy` takes. */
  readonly features: tf.Tensor3D;
  /** `[batch, heads·tokens]` KL penalties summed over the layers, 0 in rows without memory; `null` where no row can have one. */
  readonly penalties: tf.Tensor2D | null;
  /** `[batch]`: 1 where the row has a long-term memory; `null` with `penalties`. */
  readonly remembering: tf.Tensor1D | null;
}

/**
 * One forward pass over up to L tokens, within one segment.
 *
 * At a segment's border the rows that no longer fit into the short-term memory
 * are absorbed by the long-term memory first, and this segment already reads
 * it; gradients flow through that update into gate and attention, and into
 * the past only with `throughPast`.
 *
 * @param tokens `[batch, count]` int32, `1 ≤ count ≤ L − rows of the unfinished segment`.
 * @throws {ShapeError} `ERR_SHAPE` if the tokens don't fit the state or cross a segment's border.
 * @see Martins, Marinho & Martins (2022), "∞-former", figure 1, https://arxiv.org/abs/2109.00301
 */
export function forward(
  model: ForwardModel,
  state: TransformerState,
  tokens: tf.Tensor2D,
  options: ForwardOptions = {},
): ForwardOutput {
  const { config, params } = model;
  const { seeds = noDropout, stickySeeds, throughPast = false } = options;
  checkState("forward", config, state);
  const [batch, count] = tokens.shape;
  const rows = stateRows(state);
  const place = { batch: state.filled.shape[0], current: rows.current };
  checkPiece("forward", tokens.shape, place, config.segmentLength);
  const wanted = logitRows("forward", options.logits ?? "all", count);
  return tidyTree(() => {
    const near = Math.min(rows.recent, config.shortTermLength);
    const keys = near + rows.current + count;
    const first = near === 0 ? null : firstKey(state.filled, near);
    const positions = seeds.drop(relativePositions(keys, config.modelSize)) as tf.Tensor2D;
    const remember = hasLongTerm(config) && rows.recent > config.shortTermLength;

    const flat = tf.reshape(tokens, [batch * count]) as tf.Tensor1D;
    const embedded = tf.mul(embedTokens(params, flat), Math.sqrt(config.modelSize));
    let x = tf.reshape(seeds.drop(embedded), [batch, count, config.modelSize]) as tf.Tensor3D;

    const places =
      remember && rows.current === 0
        ? layerPositions((model.plan as MemoryPlan).config, state.longTerm, stickySeeds)
        : [];
    const inputs: tf.Tensor3D[] = [];
    const longTerm: LongTermMemory[] = [];
    let penalties: tf.Tensor3D | null = null;
    params.layers.forEach((layer, index) => {
      inputs.push(x);
      const last = wanted > 0 && index === params.layers.length - 1;
      let memory = null;
      let reading = null;
      if (remember && hasLongTerm(config)) {
        const own = layer.longTerm as LongTermParams;
        memory = remembered(model, state, index, rows, own, places[index], throughPast);
        reading = {
          params: own.attention,
          config: continuousAttentionConfig(config),
          coefficients: memory.coefficients,
        };
      }
      const out = block(
        layer,
        config,
        params.biases,
        {
          x,
          shortTerm: shortTermRows(state, index, near),
          positions,
          first,
          longTerm: reading,
          ...(last ? { rows: wanted } : {}),
        },
        seeds,
      );
      if (memory !== null && hasLongTerm(config) && out.densities !== null) {
        const { basis } = model.plan as MemoryPlan;
        longTerm.push(recordAttention(memory, { ...out.densities, density: config.longTerm.density, basis }));
      }
      if (out.penalty !== null)
        penalties = penalties === null ? out.penalty : (tf.add(penalties, out.penalty) as tf.Tensor3D);
      x = out.output;
    });

    const remembering =
      longTerm[0] === undefined ? null : (tf.minimum(longTerm[0].segments, 1) as tf.Tensor1D);
    const rowsOfPenalties =
      penalties === null || remembering === null
        ? null
        : (tf.mul(
            tf.reshape(penalties, [batch, config.heads * count]),
            tf.reshape(remembering, [batch, 1]),
          ) as tf.Tensor2D);
    const normed = params.finalNorm === undefined ? x : layerNorm(params.finalNorm, x);
    const features = seeds.drop(normed) as tf.Tensor3D;
    return {
      logits: wanted === 0 ? null : head(model, features),
      hidden: x,
      features: features === x ? tf.clone(x) : features,
      state: nextState(model, state, inputs, longTerm, throughPast),
      penalties: rowsOfPenalties,
      remembering,
    };
  });
}

/** `[batch, near + current, model]`: what this layer reads of the recent past, or `null`. */
function shortTermRows(state: TransformerState, index: number, near: number): tf.Tensor3D | null {
  const parts: tf.Tensor3D[] = [];
  const recent = state.recent[index];
  if (recent !== undefined && near > 0) parts.push(lastRows(recent, near));
  const current = state.current[index];
  if (current !== undefined) parts.push(current);
  return parts.length === 0 ? null : parts.length === 1 ? (parts[0] as tf.Tensor3D) : tf.concat(parts, 1);
}

/** The long-term memory this segment reads: at its start the oldest recent rows are absorbed. */
function remembered(
  model: ForwardModel,
  state: TransformerState,
  index: number,
  rows: { readonly recent: number; readonly current: number },
  params: LongTermParams,
  positions: tf.Tensor2D | undefined,
  throughPast: boolean,
): LongTermMemory {
  const past = state.longTerm[index] as LongTermMemory;
  if (rows.current > 0) return past;
  const recent = state.recent[index] as tf.Tensor3D;
  const leaving = rows.recent - model.config.shortTermLength;
  const oldest = tf.slice(recent, [0, 0, 0], [-1, leaving, -1]);
  const segment = params.gate === undefined ? oldest : gate(params.gate, oldest).gated;
  // A row absorbs where all of its recent rows are its document's.
  const active = tf.cast(tf.greaterEqual(state.filled, rows.recent), "float32") as tf.Tensor1D;
  return absorb(model.plan as MemoryPlan, past, segment, {
    active,
    throughPast,
    ...(positions ? { positions } : {}),
  });
}

function head({ config, params }: ForwardModel, features: tf.Tensor3D): tf.Tensor3D {
  const [batch, count, size] = features.shape;
  const flat = tf.reshape(features, [batch * count, size]) as tf.Tensor2D;
  const scores = tokenScores(params, { kernel: params.output as tf.Tensor2D | undefined }, flat, manyRows);
  return tf.reshape(scores, [batch, count, config.vocabularySize]);
}

/** Appends the new rows; at the end of a segment they become recent ones, and what is too old goes. */
function nextState(
  model: ForwardModel,
  state: TransformerState,
  inputs: readonly tf.Tensor3D[],
  longTerm: readonly LongTermMemory[],
  throughPast: boolean,
): TransformerState {
  const { config } = model;
  const handOn = throughPast ? <T extends tf.Tensor>(x: T): T => x.clone() as T : stopGradient;
  const segment = inputs.map((rows, index) => {
    const own = handOn(rows);
    const before = state.current[index];
    return before === undefined ? own : tf.concat([before, own], 1);
  });
  const kept = longTerm.length > 0 ? longTerm : state.longTerm;
  const memories = kept.map((memory) => mapTree(memory, handOn));
  if ((segment[0] as tf.Tensor3D).shape[1] < config.segmentLength) {
    return {
      recent: state.recent.map((rows) => rows.clone()),
      current: segment,
      filled: state.filled.clone(),
      longTerm: memories,
    };
  }
  const capacity = recentCapacity(config);
  const recent = (capacity === 0 ? [] : segment).map((rows, index) => {
    const before = state.recent[index];
    const all = before === undefined ? rows : tf.concat([before, rows], 1);
    return all.shape[1] <= capacity ? all : lastRows(all, capacity);
  });
  const filled = tf.minimum(tf.add(state.filled, config.segmentLength), capacity) as tf.Tensor1D;
  return { recent, current: [], filled, longTerm: memories };
}
