import type { CompressedMemory, LongTermMemory, MemoryPlan } from "@infinite-former/memory";
import { layerPositions, recordAttention } from "@infinite-former/memory";
import { embed, layerNorm, mapTree, stopGradient, tidyTree } from "@infinite-former/tensor";
import type { DropoutSeeds, ForwardOptions, LanguageModelOutput } from "@infinite-former/transformer";
import {
  checkPiece,
  lastRows,
  logitRows,
  noDropout,
  zeroReconstructionLoss,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { block } from "./block.js";
import { checkState } from "./check-state.js";
import type { Gpt2Config } from "./config.js";
import { memoryLayers, remembers } from "./config.js";
import { rowsToAbsorb } from "./long-term.js";
import { nothingRead, readMemory } from "./memory-reading.js";
import type { Gpt2Params } from "./params.js";
import type { Gpt2Cache, Gpt2State } from "./state.js";
import { unfinished } from "./state.js";

/** What a forward pass needs beside state and tokens; borrowed. */
export interface Gpt2Model {
  readonly config: Gpt2Config;
  readonly params: Gpt2Params;
  /** Constants of the long-term memory's update; `null` where there is none. */
  readonly plan: MemoryPlan | null;
}

/** How one forward pass of a GPT-2 is run. */
export interface Gpt2ForwardOptions extends ForwardOptions {
  /** `[batch, count]` int32: a second token at each place (who speaks, say), embedded by the same table and added. */
  readonly tokenTypes?: tf.Tensor2D;
  /** Per memory `[batch, sampleCount]`: where sticky memories sample the past, in place of what they draw. */
  readonly stickyPositions?: readonly tf.Tensor2D[];
  /** Whether `hiddenStates` is given. */
  readonly hiddenStates?: boolean;
  /** Whether the reconstruction loss is computed, which trains the compression of a compressed memory; not by default. */
  readonly auxiliary?: boolean;
}

/** What one forward pass gives; all owned by the caller. */
export interface Gpt2Output extends LanguageModelOutput<Gpt2State> {
  /** `[batch, count, model]` after the final norm: what the output head reads. */
  readonly hidden: tf.Tensor3D;
  /** If asked for: the embeddings, then the output of every block, of the last one after the final norm. */
  readonly hiddenStates: readonly tf.Tensor3D[] | null;
  /** `[batch, heads·count]` KL penalties summed over the layers, 0 in rows without memory; `null` where no row can have one. */
  readonly penalties: tf.Tensor2D | null;
  /** `[batch]`: 1 where the row has a long-term memory; `null` with `penalties`. */
  readonly remembering: tf.Tensor1D | null;
  /**
   * With a compressed memory the mean reconstruction loss of its layers, of the
   * segment that was compressed for these tokens; 0 where none was. `null`
   * where it was not asked for, and without such a memory.
   */
  readonly auxiliaryLoss: tf.Scalar | null;
}

/**
 * One forward pass of a GPT-2 over up to L tokens, within one segment, with
 * the memory where the configuration has one.
 *
 * At the start of a segment each layer with a memory absorbs, or compresses,
 * what entered it during the segment before; all tokens of the segment read
 * that memory.
 *
 * @param model borrowed.
 * @param state borrowed; `initialState(config, batch)` before the first token.
 * @param tokens `[batch, count]` int32, `1 ≤ count ≤ L − tokens of the unfinished segment`.
 * @returns logits, next state and KL penalties, owned by the caller. Differentiable in
 *   the parameters. The state is constant, but that with `longTerm.input` `"normed"`
 *   rows waiting to be absorbed depend on the layer norm they passed.
 * @throws {ShapeError} `ERR_SHAPE` if the state is another model's (naming the tensor), or the tokens
 *   do not fit it or cross a segment's border; {ConfigError} as `checkState` says.
 * @see Radford et al. (2019); Martins, Marinho & Martins (2022), "∞-former", section 5.2
 */
export function gpt2(
  model: Gpt2Model,
  state: Gpt2State,
  tokens: tf.Tensor2D,
  options: Gpt2ForwardOptions = {},
): Gpt2Output {
  const { config, params } = model;
  const { seeds = noDropout } = options;
  checkState("gpt2", config, state);
  const start = unfinished(state);
  const [batch, count] = tokens.shape;
  const place = { batch: state.waiting.shape[0], current: start };
  checkPiece("gpt2", tokens.shape, place, config.segmentLength);
  const wanted = logitRows("gpt2", options.logits ?? "all", count);
  return tidyTree(() => {
    const layers = memoryLayers(config);
    const past = state.previous.length > 0;
    const positions = past && start === 0 ? samplePositions(model, state, options) : [];
    let x = embedded(params, config, start, tokens, options.tokenTypes, seeds);
    const hiddenStates: tf.Tensor3D[] = [];
    const cache: Gpt2Cache[] = [];
    const waiting: tf.Tensor3D[] = [];
    const longTerm: LongTermMemory[] = [];
    const compressed: CompressedMemory[] = [];
    const penalties: tf.Tensor3D[] = [];
    const reconstructions: tf.Scalar[] = [];
    params.layers.forEach((layer, index) => {
      hiddenStates.push(x);
      const slot = layers.indexOf(index);
      const place = { slot, positions: positions[slot], measured: options.auxiliary === true };
      const read = past && slot >= 0 ? readMemory(model, layer, state, place) : nothingRead;
      if (slot >= 0) waiting.push(rowsToAbsorb(layer, config, x));
      const earlier = state.cache[index] ?? null;
      const { longTerm: reading, compressed: rows } = read;
      const out = block(
        layer,
        config,
        { x, cache: earlier, index, longTerm: reading, compressed: rows },
        seeds,
      );
      if (read.memory !== null && out.densities !== null && remembers(config)) {
        const { basis } = model.plan as MemoryPlan;
        longTerm.push(
          recordAttention(read.memory, { ...out.densities, density: config.longTerm.density, basis }),
        );
      }
      if (rows !== null) compressed.push(rows.memory);
      if (out.penalty !== null) penalties.push(out.penalty);
      if (out.reconstruction !== null) reconstructions.push(out.reconstruction);
      cache.push(out.cache);
      x = out.output;
    });
    const hidden = layerNorm(params.finalNorm, x, config.normEpsilon) as tf.Tensor3D;
    const first = longTerm[0];
    const remembering = first === undefined ? null : (tf.minimum(first.segments, 1) as tf.Tensor1D);
    return {
      logits: wanted === 0 ? null : head(params, lastRows(hidden, wanted)),
      hidden,
      hiddenStates: options.hiddenStates ? [...hiddenStates, hidden] : null,
      state: nextState(config, state, { cache, waiting, longTerm, compressed }),
      penalties: remembering === null ? null : penaltyRows(penalties, remembering, batch),
      remembering,
      auxiliaryLoss: options.auxiliary ? meanReconstruction(model, reconstructions) : null,
    };
  });
}

/** Where each memory samples its past at a segment's border: `undefined` with uniform sampling. */
function samplePositions(
  model: Gpt2Model,
  state: Gpt2State,
  { stickyPositions, stickySeeds }: Gpt2ForwardOptions,
): readonly (tf.Tensor2D | undefined)[] {
  if (model.plan === null) return [];
  return stickyPositions ?? layerPositions(model.plan.config, state.longTerm, stickySeeds);
}

/** `[batch, count, model]`: tokens, positions within the segment, and token types if there are any. */
function embedded(
  params: Gpt2Params,
  config: Gpt2Config,
  start: number,
  tokens: tf.Tensor2D,
  tokenTypes: tf.Tensor2D | undefined,
  seeds: DropoutSeeds,
): tf.Tensor3D {
  const [, count] = tokens.shape;
  const places = tf.slice(params.positions, [start, 0], [count, config.modelSize]);
  const words = embed(params.tokens, tokens);
  const typed = tokenTypes === undefined ? words : tf.add(words, embed(params.tokens, tokenTypes));
  return seeds.drop(tf.add(typed, tf.expandDims(places, 0)), config.dropout.embedding) as tf.Tensor3D;
}

function head(params: Gpt2Params, hidden: tf.Tensor3D): tf.Tensor3D {
  const [batch, count, size] = hidden.shape;
  const rows: tf.Tensor2D = tf.reshape(hidden, [batch * count, size]);
  const logits =
    params.output === undefined
      ? tf.matMul(rows, params.tokens, false, true)
      : tf.matMul(rows, params.output);
  return tf.reshape(logits, [batch, count, -1]);
}

/** `[batch, heads·count]`: layers summed, rows without memory 0. */
function penaltyRows(
  penalties: readonly tf.Tensor3D[],
  remembering: tf.Tensor1D,
  batch: number,
): tf.Tensor2D {
  const sum = tf.reshape(tf.addN([...penalties]), [batch, -1]);
  return tf.mul(sum, tf.reshape(remembering, [batch, 1]));
}

/** The mean over the layers; where nothing was compressed 0, with gradients that are 0 too. */
function meanReconstruction({ config, params }: Gpt2Model, losses: readonly tf.Scalar[]): tf.Scalar | null {
  if (config.compressed === undefined) return null;
  if (losses.length > 0) return tf.div<tf.Scalar>(tf.addN([...losses]), losses.length);
  return zeroReconstructionLoss(params.layers.map(({ compressed }) => compressed?.compression));
}

/** What a pass adds to a state. */
interface Passed extends Pick<Gpt2State, "cache" | "longTerm" | "compressed"> {
  /** Per memory `[batch, count, model]`. */
  readonly waiting: readonly tf.Tensor3D[];
}

/** Appends the new rows; at the end of a segment the cache goes and the rows wait to be absorbed. */
function nextState(
  config: Gpt2Config,
  state: Gpt2State,
  { cache, waiting: rows, ...passed }: Passed,
): Gpt2State {
  const segment = rows.map((added, index) => {
    const before = state.current[index];
    return before === undefined ? added : tf.concat([before, added], 1);
  });
  const longTerm = passed.longTerm.length > 0 ? passed.longTerm : state.longTerm;
  const compressed = passed.compressed.length > 0 ? passed.compressed : state.compressed;
  const memories = mapTree({ longTerm, compressed }, stopGradient);
  const length = (cache[0] as Gpt2Cache).keys.shape[2];
  if (length === config.segmentLength) {
    const waiting: tf.Tensor1D = tf.onesLike(state.waiting);
    return { cache: [], current: [], previous: segment, waiting, ...memories };
  }
  return {
    cache: cache.map(({ keys, values }) => ({ keys: stopGradient(keys), values: stopGradient(values) })),
    current: segment,
    previous: state.previous.map((tensor) => tensor.clone()),
    waiting: state.waiting.clone(),
    ...memories,
  };
}
