import { disposeTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { SequenceTensors } from "../data/batch.js";
import type { SortingModel } from "../models/sorting-model.js";

/** Sequences with the memory that they are read into. */
export interface SequenceBatch extends SequenceTensors {
  /** The memory before the first segment. */
  readonly memory: object;
  /** Per segment `[2]` int32. */
  readonly seeds: readonly tf.Tensor1D[];
}

/** Reads one segment for its memory alone, which the caller owns: what is compiled for segments without gradient. */
export type Advance = (params: object, memory: object, tokens: tf.Tensor2D, seed: tf.Tensor1D) => object;

/** @param training whether there is dropout. */
export function createAdvance(model: SortingModel, training: boolean): Advance {
  return function advance(params, memory, tokens, seed) {
    return model.readSegment(params, memory, tokens, {
      seed,
      training,
      outputs: "memory",
      throughPast: false,
    }).state;
  };
}

/**
 * The batch with its first segments read: none is left before those with
 * gradient. Its `memory` is owned by the caller, unless there was nothing to
 * read; all else is borrowed from `batch`.
 */
export function readPrefix(advance: Advance, params: object, batch: SequenceBatch): SequenceBatch {
  let memory = batch.memory;
  batch.prefix.forEach((tokens, index) => {
    const next = advance(params, memory, tokens, batch.seeds[index] as tf.Tensor1D);
    if (memory !== batch.memory) disposeTree(memory);
    memory = next;
  });
  return { ...batch, memory, prefix: [], seeds: batch.seeds.slice(batch.prefix.length) };
}

/** What the segments with answers give. */
export interface AnswerLogits {
  /** `[batch, answers, vocabulary]` */
  readonly logits: tf.Tensor3D;
  /** Scalar: the model's own penalty, summed over the segments; `null` where it has none. */
  readonly penalty: tf.Scalar | null;
}

/**
 * Reads the segments with gradient, of a batch without others, inside the caller's `tf.tidy`.
 *
 * @param throughPast whether the later ones' gradients reach the earlier ones through the memory.
 */
export function readTail(
  model: SortingModel,
  params: object,
  batch: SequenceBatch,
  { training, throughPast }: { readonly training: boolean; readonly throughPast: boolean },
): AnswerLogits {
  let { memory } = batch;
  const answers = batch.answers.shape[1];
  // The answers follow the last inputs.
  let after = batch.tail.reduce((sum, tokens) => sum + tokens.shape[1], 0);
  const pieces: tf.Tensor3D[] = [];
  const penalties: tf.Scalar[] = [];
  batch.tail.forEach((tokens, index) => {
    const seed = batch.seeds[index] as tf.Tensor1D;
    after -= tokens.shape[1];
    const outputs = Math.max(0, Math.min(tokens.shape[1], answers - after));
    const reading = model.readSegment(params, memory, tokens, { seed, training, outputs, throughPast });
    memory = reading.state;
    if (reading.logits !== null) pieces.push(reading.logits);
    if (reading.penalty !== null) penalties.push(reading.penalty);
  });
  const logits = pieces.length === 1 ? (pieces[0] as tf.Tensor3D) : (tf.concat(pieces, 1) as tf.Tensor3D);
  return {
    logits,
    penalty: penalties.length === 0 ? null : (tf.addN(penalties) as tf.Scalar),
  };
}
