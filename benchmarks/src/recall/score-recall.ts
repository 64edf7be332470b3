import { breathe, type Compiler } from "@infinite-former/command-line";
import { createRng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { probeDistance, probeDistances } from "./distances.js";
import type { RecallModel } from "./recall-model.js";
import {
  type RecallDocument,
  type RecallQuestion,
  type RecallTextConfig,
  recallDocument,
  recallWords,
} from "./recall-text.js";

/** How well facts of one distance are told. JSON. */
export interface RecallScore {
  /** Segments between fact and question. */
  readonly distance: number;
  /** Held-out questions of this distance. */
  readonly questions: number;
  /** Share where the likeliest value of the name is the right one. */
  readonly accuracy: number;
  /** Mean log-probability of the right value among the values of the name, in nats. */
  readonly logProbability: number;
}

/** The held-out documents: the same for every model and seed. */
export function heldOutDocuments(config: RecallTextConfig, count: number): RecallDocument[] {
  const rng = createRng(0).split("recall held out");
  return Array.from({ length: count }, (_, index) =>
    recallDocument(config, rng.split(`document ${index}`), probeDistance),
  );
}

/**
 * Asks a model every question of some documents, after all that stands before it.
 *
 * @param rows documents read side by side; their number is a multiple of it.
 * @returns a score for each probe distance that the documents ask about, or `null` if `signal` ended it.
 */
export async function scoreRecall(
  model: RecallModel,
  params: object,
  documents: readonly RecallDocument[],
  how: {
    readonly text: RecallTextConfig;
    readonly rows: number;
    readonly compile: Compiler;
    readonly signal: AbortSignal;
  },
): Promise<RecallScore[] | null> {
  const { text, rows, compile, signal } = how;
  const { segments, segmentLength: length, names, values } = text;
  const { firstFact } = recallWords(text);
  const tally = new Tally();
  const read = compile((weights: object, state: object, tokens: tf.Tensor2D, seed: tf.Tensor1D) => {
    const output = model.read(weights, state, tokens, seed);
    output.penalty?.dispose();
    const scores = tf.tidy(() => {
      const facts = tf.slice(output.logits, [0, 0, firstFact], [-1, -1, names * values]);
      return tf.logSoftmax(tf.reshape(facts, [-1, names, values]));
    });
    output.logits.dispose();
    return { scores, state: output.state };
  });
  try {
    for (let from = 0; from < documents.length; from += rows) {
      const batch = documents.slice(from, from + rows);
      let state = model.initialState(batch.length);
      for (let segment = 0; segment < segments && !signal.aborted; segment++) {
        const ids = batch.flatMap(({ tokens }) => [
          ...tokens.subarray(segment * length, (segment + 1) * length),
        ]);
        const tokens = tf.tensor2d(ids, [batch.length, length], "int32");
        const seed = tf.tensor1d([from, segment], "int32");
        const output = read(params, state, tokens, seed);
        disposeTree([tokens, seed, state]);
        state = output.state;
        const scores = (await output.scores.data()) as Float32Array;
        output.scores.dispose();
        batch.forEach(({ questions }, row) => {
          for (const question of questions) {
            const place = question.position - segment * length;
            if (place < 0 || place >= length) continue;
            const start = ((row * length + place) * names + question.name) * values;
            tally.add(question, scores.subarray(start, start + values));
          }
        });
        await breathe();
      }
      disposeTree(state);
      if (signal.aborted) return null;
    }
  } finally {
    read.dispose();
  }
  return tally.scores();
}

/** Counts answers by distance. */
class Tally {
  readonly #sums = new Map(probeDistances.map((distance) => [distance, { questions: 0, right: 0, logs: 0 }]));

  add({ distance, value }: RecallQuestion, logProbabilities: Float32Array): void {
    const sums = this.#sums.get(distance);
    if (sums === undefined) return;
    sums.questions++;
    sums.logs += logProbabilities[value] as number;
    if (
      logProbabilities.every((other, index) => index === value || other < (logProbabilities[value] as number))
    )
      sums.right++;
  }

  scores(): RecallScore[] {
    const asked = [...this.#sums].filter(([, { questions }]) => questions > 0);
    return asked.map(([distance, { questions, right, logs }]) => ({
      distance,
      questions,
      accuracy: right / questions,
      logProbability: logs / questions,
    }));
  }
}
