import { type Gpt2Model, type Gpt2Params, type Gpt2State, gpt2, resetRows } from "@infinite-former/gpt2";
import { disposeTree, tidyTree } from "@infinite-former/tensor";
import { dropoutSeeds, meanPenalty, noDropout, stickyRowSeeds } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { Piece, ResponseBatch } from "../data/batch.js";

/** Configuration and constants of a model; its parameters are handed in. */
export type ModelBody = Pick<Gpt2Model, "config" | "plan">;

/** How a segment is read. */
export interface Reading {
  /** Whether there is dropout, and the memory's penalty. */
  readonly training: boolean;
  /** How many of the last positions get logits. */
  readonly logits: number | "none";
}

/** What reading a segment gives, inside the caller's tidy. */
export interface SegmentRead {
  /** `[batch, positions with logits, vocabulary]` */
  readonly logits: tf.Tensor3D | null;
  readonly state: Gpt2State;
  /** Scalar: KL of the densities or reconstruction loss; `null` where there is none. */
  readonly penalty: tf.Scalar | null;
}

/** Reads one piece of a segment, rows whose text begins with it from an empty memory. */
export function readSegment(
  { config, plan }: ModelBody,
  params: object,
  memory: object,
  { tokens, types, fresh, seed }: Piece,
  { training, logits }: Reading,
): SegmentRead {
  const { dropout, longTerm, compressed } = config;
  const rate = training ? Math.max(dropout.embedding, dropout.attention, dropout.residual) : 0;
  const model: Gpt2Model = { config, plan, params: params as Gpt2Params };
  const output = gpt2(model, resetRows(memory as Gpt2State, fresh), tokens, {
    tokenTypes: types,
    seeds: rate === 0 ? noDropout : dropoutSeeds(rate, seed),
    ...(longTerm?.sampling === "sticky" ? { stickySeeds: stickyRowSeeds(seed, tokens.shape[0]) } : {}),
    logits,
    auxiliary: training && compressed !== undefined,
  });
  const penalty = training && longTerm !== undefined ? meanPenalty(output) : output.auxiliaryLoss;
  return { logits: output.logits, state: output.state, penalty };
}

/** Reads one segment for its memory alone, which the caller owns: what is compiled for segments before the last. */
export type Advance = (params: object, memory: object, piece: Piece) => object;

/** @param training whether there is dropout. */
export function createAdvance(model: ModelBody, training: boolean): Advance {
  return (params, memory, piece) =>
    tidyTree(() => readSegment(model, params, memory, piece, { training, logits: "none" }).state);
}

/**
 * The batch with all segments but the last read. Its `memory` is owned by the
 * caller, unless there was nothing to read; all else is borrowed from `batch`.
 */
export function readPrefix(advance: Advance, params: object, batch: ResponseBatch): ResponseBatch {
  let { memory } = batch;
  for (const piece of batch.prefix) {
    const next = advance(params, memory, piece);
    if (memory !== batch.memory) disposeTree(memory);
    memory = next;
  }
  return { ...batch, memory, prefix: [] };
}

/** Logits of the response and of what ends it, `[batch · (R + 1), vocabulary]`, with the memory's penalty. */
export function readResponse(
  model: ModelBody,
  params: object,
  { memory, last, targets }: ResponseBatch,
  training: boolean,
): { readonly logits: tf.Tensor2D; readonly penalty: tf.Scalar | null } {
  const wanted = targets.shape[0] / last.tokens.shape[0];
  const { logits, penalty } = readSegment(model, params, memory, last, { training, logits: wanted });
  const all = logits as tf.Tensor3D;
  return { logits: tf.reshape(all, [-1, all.shape[2]]), penalty };
}
