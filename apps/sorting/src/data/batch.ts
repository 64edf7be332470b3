import { type SortingSequence, sortingExample } from "@infinite-former/datasets";
import * as tf from "@tensorflow/tfjs-core";
import type { SegmentPlan } from "./segment-plan.js";

/** Sequences side by side, as tensors. */
export interface SequenceTensors {
  /** Per segment without gradient `[batch, tokens]` int32. */
  readonly prefix: readonly tf.Tensor2D[];
  /** Per segment with gradient `[batch, tokens]` int32. */
  readonly tail: readonly tf.Tensor2D[];
  /** `[batch, answers]` int32: what follows each of the last inputs. */
  readonly answers: tf.Tensor2D;
}

/**
 * Sequences of one length as a model reads them, teacher-forced: sequence,
 * separator and true answers, cut into segments.
 *
 * @returns tensors owned by the caller.
 */
export function sequenceTensors(sequences: readonly SortingSequence[], plan: SegmentPlan): SequenceTensors {
  const inputs = sequences.map((sequence) => sortingExample(sequence).inputs);
  const segments = plan.ends.map((end, index) => {
    const rows = inputs.map((ids) => ids.subarray(plan.ends[index - 1] ?? 0, end));
    return matrix(rows);
  });
  return {
    prefix: segments.slice(0, plan.prefix),
    tail: segments.slice(plan.prefix),
    answers: matrix(sequences.map(({ target }) => target)),
  };
}

function matrix(rows: readonly Int32Array[]): tf.Tensor2D {
  const columns = rows[0]?.length ?? 0;
  const flat = new Int32Array(rows.length * columns);
  rows.forEach((row, index) => {
    flat.set(row, index * columns);
  });
  return tf.tensor2d(flat, [rows.length, columns], "int32");
}
