import { breathe, type Compiler } from "@infinite-former/command-line";
import type { SortingSequence } from "@infinite-former/datasets";
import { disposeTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { sequenceTensors } from "../data/batch.js";
import type { SegmentPlan } from "../data/segment-plan.js";
import type { SortingModel } from "../models/sorting-model.js";
import { createAdvance, readPrefix, readTail, type SequenceBatch } from "./read-batch.js";
import { segmentSeeds } from "./seeds.js";

/** How many answers a model gives right. */
export interface Score {
  /** Share of right symbols, given the true ones before them. */
  readonly accuracy: number;
  /** The same at each place of the answer. */
  readonly accuracyByPosition: readonly number[];
}

/** Scores one model. */
export interface Scorer {
  /**
   * @param sequences of one length, at least one.
   * @returns the score, or `null` if `signal` ended it.
   */
  score(
    params: object,
    sequences: readonly SortingSequence[],
    options: { readonly signal: AbortSignal; readonly onProgress?: (share: number) => void },
  ): Promise<Score | null>;
  dispose(): void;
}

/** @param rows sequences read side by side. */
export function createScorer(
  model: SortingModel,
  plan: SegmentPlan,
  rows: number,
  compile: Compiler,
): Scorer {
  const advance = compile(createAdvance(model, false));
  const predict = compile((params: object, batch: SequenceBatch) =>
    tf.tidy(() =>
      tf.argMax(readTail(model, params, batch, { training: false, throughPast: false }).logits, -1),
    ),
  );
  const answersOf = async (params: object, sequences: readonly SortingSequence[]): Promise<Int32Array> => {
    const tensors = sequenceTensors(sequences, plan);
    const batch: SequenceBatch = {
      ...tensors,
      memory: model.initialState(sequences.length),
      seeds: segmentSeeds(0, 0, plan.ends.length),
    };
    const rest = readPrefix(advance, params, batch);
    const best = predict(params, rest);
    disposeTree(batch);
    disposeTree(rest);
    try {
      return (await best.data()) as Int32Array;
    } finally {
      best.dispose();
    }
  };
  return {
    async score(params, sequences, { signal, onProgress }) {
      const answers = sequences[0]?.target.length ?? 0;
      const right = new Float64Array(answers);
      for (let start = 0; start < sequences.length; start += rows) {
        if (signal.aborted) return null;
        const chosen = sequences.slice(start, start + rows);
        // One shape for all batches: the last one is filled up, and what fills it is not counted.
        const filled = Array.from(
          { length: rows },
          (_, row) => chosen[row] ?? (chosen[0] as SortingSequence),
        );
        const given = await answersOf(params, filled);
        chosen.forEach(({ target }, row) => {
          target.forEach((symbol, place) => {
            if (given[row * answers + place] === symbol) right[place]! += 1;
          });
        });
        await breathe();
        onProgress?.(Math.min(1, (start + rows) / sequences.length));
      }
      const accuracyByPosition = Array.from(right, (count) => count / sequences.length);
      const accuracy = right.reduce((sum, count) => sum + count, 0) / (sequences.length * answers);
      return { accuracy, accuracyByPosition };
    },
    dispose() {
      advance.dispose();
      predict.dispose();
    },
  };
}
