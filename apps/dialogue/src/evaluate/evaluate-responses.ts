import { breathe, type Compiled, type Compiler } from "@infinite-former/command-line";
import { type BytePairDialogueCoder, decode } from "@infinite-former/datasets";
import { type Gpt2, initialState } from "@infinite-former/gpt2";
import { type MeanScores, meanScores } from "@infinite-former/metrics";
import { createRng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { crossEntropy } from "@infinite-former/training";
import * as tf from "@tensorflow/tfjs-core";
import type { DialogueConfig } from "../config/dialogue-config.js";
import { type ResponseBatch, responseBatch } from "../data/batch.js";
import { evenlySpread, type Response, type Responses } from "../data/responses.js";
import { type ResponseSegments, responseSegments, type SegmentSizes } from "../data/segments.js";
import { type Advance, createAdvance, readPrefix, readResponse } from "../train/read-batch.js";
import { createOpening, type Writing, writeResponses } from "./write-responses.js";

/** A response that was written, with the one that was to be. */
export interface WrittenResponse {
  readonly conversation: string;
  readonly turn: number;
  /** The turn before, as it is decoded. */
  readonly reference: string;
  readonly written: string;
}

/** How well a model responds. */
export interface Evaluation {
  readonly responses: number;
  /** Words of the responses that were predicted, in tokens. */
  readonly words: number;
  /** Mean over them, given all before, in nats. */
  readonly loss: number;
  readonly perplexity: number;
  /** Of the written responses. */
  readonly scores: MeanScores;
  readonly written: readonly WrittenResponse[];
}

/** What is evaluated, and how. */
export interface EvaluateOptions {
  /** With its trained parameters; borrowed. */
  readonly model: Gpt2;
  readonly config: DialogueConfig;
  readonly coder: BytePairDialogueCoder;
  readonly sizes: SegmentSizes;
  readonly responses: Responses;
  /** Most responses, evenly spread over all. */
  readonly limit: number;
  /** Of what is drawn: the same seed, the same responses. */
  readonly seed: number;
  readonly compile: Compiler;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

type Measure = Compiled<[object, ResponseBatch], tf.Scalar>;

/**
 * Perplexity of the responses by teacher forcing, and scores of responses
 * written by nucleus sampling from the same past.
 *
 * @returns `null` if the signal ended it.
 */
export async function evaluateResponses(options: EvaluateOptions): Promise<Evaluation | null> {
  const { model, config, coder, sizes, responses, seed, compile, signal } = options;
  const { rows } = config.evaluation;
  const chosen = evenlySpread(responses.length, options.limit);
  const advance = compile(createAdvance(model, false));
  const measure: Measure = compile((params: object, batch: ResponseBatch) =>
    tf.tidy(() => {
      const { logits } = readResponse(model, params, batch, false);
      const { loss, weight } = crossEntropy(logits, batch.targets, batch.weights);
      return tf.mul(loss, weight) as tf.Scalar;
    }),
  );
  const opening = compile(createOpening(model));
  const { responseTokens } = sizes;
  const writing: Writing = { model, opening, coder, settings: config.evaluation, responseTokens };
  let total = 0;
  let words = 0;
  const written: WrittenResponse[] = [];
  try {
    for (let start = 0; start < chosen.length; start += rows) {
      if (signal.aborted) return null;
      const some = chosen.slice(start, start + rows).map((place) => responses.at(place));
      const laid = some.map((response) => responseSegments(response, sizes));
      words += laid.reduce((sum, row) => sum + row.words.reduce((a, b) => a + b, 0), 0);
      const memory = initialState(model.config, rows, "full");
      const batch = responseBatch(filled(laid, rows), "words", memory, { seed, step: start / rows });
      const answer = await respond({ advance, measure, writing }, batch, filled(some, rows), seed);
      total += answer.total;
      some.forEach(({ conversation, turn, text }, row) => {
        const ids = answer.ids[row] as number[];
        written.push({
          conversation,
          turn,
          reference: text,
          written: decode(coder.vocabulary, ids).trim(),
        });
      });
      options.onProgress(written.length, chosen.length);
      await breathe();
    }
  } finally {
    for (const compiled of [advance, measure, opening]) compiled.dispose();
  }
  const loss = total / words;
  const pairs = written.map((one) => ({ candidate: one.written, references: one.reference }));
  const perplexity = Math.exp(loss);
  return { responses: written.length, words, loss, perplexity, scores: meanScores(pairs), written };
}

/** What the responses of one batch are computed with. */
interface Responding {
  readonly advance: Advance;
  readonly measure: Measure;
  readonly writing: Writing;
}

/** Sum of the losses of a batch, which it frees, and what is written. */
async function respond(
  { advance, measure, writing }: Responding,
  batch: ResponseBatch,
  rows: readonly Response[],
  seed: number,
): Promise<{ readonly total: number; readonly ids: number[][] }> {
  const { params } = writing.model;
  const rest = readPrefix(advance, params, batch);
  try {
    const sum = measure(params, rest);
    const [total] = await sum.data();
    sum.dispose();
    const rngs = rows.map(({ conversation, turn }) => createRng(seed).split(`${conversation} ${turn}`));
    return { total: total as number, ids: await writeResponses(writing, rest, rngs) };
  } finally {
    if (rest.memory !== batch.memory) disposeTree(rest.memory);
    disposeTree(batch);
  }
}

/** One shape for all batches: the last one is filled up, and what fills it is not counted. */
function filled<T extends ResponseSegments | Response>(items: readonly T[], rows: number): T[] {
  return Array.from({ length: rows }, (_, row) => {
    const own = items[row];
    if (own !== undefined) return own;
    const first = items[0] as T;
    return "words" in first ? { ...first, words: new Float32Array(first.words.length) } : first;
  });
}
