import { cloneTree, stopGradient, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { checkPiece } from "./check-piece.js";
import type { CompressiveView } from "./compressive-block.js";
import { compressiveBlock } from "./compressive-block.js";
import type { CompressiveTransformerConfig } from "./compressive-config.js";
import { embedCompressive } from "./compressive-embedding.js";
import type { CompressiveMemory } from "./compressive-memory.js";
import { memorySource, rememberSegment } from "./compressive-memory.js";
import type { CompressiveTransformerParams } from "./compressive-params.js";
import { distanceRows } from "./compressive-positions.js";
import { zeroReconstructionLoss } from "./compressive-reconstruction.js";
import type { CompressiveState } from "./compressive-state.js";
import { checkCompressiveState, compressiveRows } from "./compressive-state.js";
import { noDropout } from "./dropout-seeds.js";
import { firstKey } from "./first-key.js";
import type { ForwardOptions, LanguageModelOutput } from "./language-model.js";
import { logitRows } from "./logit-rows.js";
import { manyRows } from "./row-product.js";
import { type PlainOutput, tokenScores } from "./token-scores.js";

/** What a forward pass needs beside state and tokens; borrowed. */
export interface CompressiveForwardModel {
  readonly config: CompressiveTransformerConfig;
  readonly params: CompressiveTransformerParams;
}

/** How one forward pass is run. */
export interface CompressiveForwardOptions extends ForwardOptions {
  /** Whether the auxiliary loss is computed, which trains the compression; not by default. */
  readonly auxiliary?: boolean;
}

/** What one forward pass gives; all owned by the caller. */
export interface CompressiveForwardOutput extends LanguageModelOutput<CompressiveState> {
  /**
   * Attention-reconstruction loss, the mean over the layers with memories: of
   * the segment that ends with these tokens, 0 within a segment and while
   * nothing is compressed; `null` where it was not asked for.
   */
  readonly auxiliaryLoss: tf.Scalar | null;
  /**
   * `[batch, tokens with logits (all where there are none), model]` output of the last block: what the output layer
   * sees, and `adaptiveCrossEntropy` takes.
   */
  readonly features: tf.Tensor3D;
}

/**
 * One forward pass over up to L tokens, within one segment. Memories change
 * where it ends; gradients flow into the compression from the auxiliary loss
 * alone and never into the past, unless `throughPast` says otherwise.
 *
 * @param tokens `[batch, count]` int32, `1 ≤ count ≤ L − rows of the unfinished segment`.
 * @throws {ShapeError} `ERR_SHAPE` if the state is another model's (naming the tensor), or the tokens don't fit
 *   it or cross a segment's border.
 */
export function compressiveForward(
  model: CompressiveForwardModel,
  state: CompressiveState,
  tokens: tf.Tensor2D,
  options: CompressiveForwardOptions = {},
): CompressiveForwardOutput {
  const { config, params } = model;
  const { seeds = noDropout, auxiliary = false, throughPast = false } = options;
  const [batch, count] = tokens.shape;
  checkCompressiveState("compressiveForward", config, state);
  const place = { batch: state.filled.shape[0], current: compressiveRows(state).current };
  checkPiece("compressiveForward", [batch, count], place, config.segmentLength);
  const wanted = logitRows("compressiveForward", options.logits ?? "all", count);
  return tidyTree(() => {
    const flat = tf.reshape(tokens, [batch * count]) as tf.Tensor1D;
    const embedded = embedCompressive(config, params, flat);
    let x = tf.reshape(embedded, [batch, count, config.modelSize]) as tf.Tensor3D;
    const { withMemory, alone } = views(model, state, count);
    const rows = params.layers.map((layer, index) => {
      const slot = config.memoryLayers.indexOf(index);
      const memory = slot < 0 ? null : readMemory(config, state, slot);
      const past = [memory?.compressed?.rows, memory?.recent, state.current[index]].filter(
        (part) => part != null,
      );
      const joined = past.length > 1 ? (tf.concat(past, 1) as tf.Tensor3D) : (past[0] ?? null);
      const view = memory === null ? alone : withMemory;
      const last = wanted > 0 && index === params.layers.length - 1;
      const out = compressiveBlock(layer, config, x, joined, view, seeds, last ? wanted : count);
      x = out.output;
      return out.rows;
    });
    return {
      logits: wanted === 0 ? null : head(model, x),
      features: tf.clone(x),
      ...remember(model, state, rows, { auxiliary, throughPast }),
    };
  });
}

function head({ config, params }: CompressiveForwardModel, features: tf.Tensor3D): tf.Tensor3D {
  const [batch, count, size] = features.shape;
  const flat = tf.reshape(features, [batch * count, size]) as tf.Tensor2D;
  const scores = tokenScores(params, params.output as PlainOutput, flat, manyRows);
  return tf.reshape(scores, [batch, count, config.vocabularySize]);
}

/** What layers with memories see, and what the others do. */
function views(
  { config, params }: CompressiveForwardModel,
  state: CompressiveState,
  count: number,
): { readonly withMemory: CompressiveView; readonly alone: CompressiveView } {
  const { compressed, recent, current } = compressiveRows(state);
  const [memory] = state.compressed;
  // Compressed rows exist only where the short-term memory is full, so those that count are one run.
  const seen = memory === undefined ? state.filled : (tf.add(state.filled, memory.filled) as tf.Tensor1D);
  const visible = tf.add(seen, config.segmentLength) as tf.Tensor1D;
  const view = (past: number): CompressiveView => ({
    positions: distanceRows(params.positions, past + current + count, config.positionTable, visible),
    first: past === 0 ? null : firstKey(seen, past),
  });
  const withMemory = view(compressed + recent);
  return { withMemory, alone: config.memoryLayers.length < config.layers ? view(0) : withMemory };
}

/** The memory that the layer of a slot reads and continues. */
function readMemory(
  config: CompressiveTransformerConfig,
  state: CompressiveState,
  slot: number,
): CompressiveMemory {
  const source = memorySource(config, slot);
  return { recent: state.recent[source] ?? null, compressed: state.compressed[source] ?? null };
}

/** The state after these rows, and the auxiliary loss where a segment ends with them. */
function remember(
  { config, params }: CompressiveForwardModel,
  state: CompressiveState,
  rows: readonly tf.Tensor3D[],
  { auxiliary, throughPast }: { readonly auxiliary: boolean; readonly throughPast: boolean },
): Pick<CompressiveForwardOutput, "state" | "auxiliaryLoss"> {
  const segment = rows.map((row, index) => {
    const own: tf.Tensor3D = throughPast ? row.clone() : stopGradient(row);
    const before = state.current[index];
    return before === undefined ? own : (tf.concat([before, own], 1) as tf.Tensor3D);
  });
  if ((segment[0] as tf.Tensor3D).shape[1] < config.segmentLength) {
    const { current: _, ...memories } = state;
    const compressions = params.layers.map(({ compression }) => compression);
    return {
      state: { ...cloneTree(memories), current: segment },
      auxiliaryLoss: auxiliary ? zeroReconstructionLoss(compressions) : null,
    };
  }
  const slots = config.memoryLayers.map((layer, slot) =>
    rememberSegment(
      params.layers[layer] as CompressiveTransformerParams["layers"][number],
      config,
      readMemory(config, state, slot),
      state.filled,
      segment[layer] as tf.Tensor3D,
      { withLoss: auxiliary, throughPast },
    ),
  );
  const { segmentLength, shortTermLength } = config;
  const losses = slots.flatMap(({ loss }) => (loss === null ? [] : [loss]));
  return {
    state: {
      compressed: slots.flatMap(({ compressed }) => (compressed === null ? [] : [compressed])),
      recent: slots.flatMap(({ recent }) => (recent === null ? [] : [recent])),
      current: [],
      filled: tf.minimum(tf.add(state.filled, segmentLength), shortTermLength),
    },
    auxiliaryLoss: auxiliary ? (tf.div(tf.addN(losses), losses.length) as tf.Scalar) : null,
  };
}
