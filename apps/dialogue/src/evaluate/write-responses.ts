import { breathe, type Compiled } from "@infinite-former/command-line";
import { type BytePairDialogueCoder, spareTokens } from "@infinite-former/datasets";
import { type Gpt2, type Gpt2State, gpt2 } from "@infinite-former/gpt2";
import type { Rng } from "@infinite-former/random";
import { disposeTree, tidyTree } from "@infinite-former/tensor";
import { sampleToken } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { EvaluationSettings } from "../config/dialogue-config.js";
import type { Piece, ResponseBatch } from "../data/batch.js";
import { type ModelBody, readSegment } from "../train/read-batch.js";

/** Logits of the next token, `[batch, vocabulary]`, and the state before it. */
export interface Opened {
  readonly logits: tf.Tensor2D;
  readonly state: Gpt2State;
}

/** Reads the past that the last segment holds: what is compiled. */
export type Opening = (params: object, memory: object, piece: Piece) => Opened;

/** @returns outputs owned by the caller. */
export function createOpening(model: ModelBody): Opening {
  return (params, memory, piece) =>
    tidyTree(() => {
      const { logits, state } = readSegment(model, params, memory, piece, { training: false, logits: 1 });
      return { logits: tf.squeeze(logits as tf.Tensor3D, [1]) as tf.Tensor2D, state };
    });
}

/** What a response is written with. */
export interface Writing {
  readonly model: Gpt2;
  readonly opening: Compiled<Parameters<Opening>, Opened>;
  readonly coder: BytePairDialogueCoder;
  readonly settings: Pick<EvaluationSettings, "topP" | "temperature">;
  /** Most tokens of a response. */
  readonly responseTokens: number;
}

/** A score that is never drawn. */
const never = -1e30;

/**
 * Writes one response a row by nucleus sampling: at least one token, until the
 * token of a speaker or `<eos>`, which is not part of it. Other special tokens,
 * and rows of the table that stand for none, are never drawn.
 *
 * @param batch with its prefix read; borrowed.
 * @param rngs one a row: what a row draws does not depend on the others.
 * @returns ids of each row.
 */
export async function writeResponses(
  { model, opening, coder, settings, responseTokens }: Writing,
  batch: ResponseBatch,
  rngs: readonly Rng[],
): Promise<number[][]> {
  const { tokens, vocabulary } = coder;
  const ends = new Set([tokens.speaker1, tokens.speaker2, tokens.end]);
  const special = new Set(vocabulary.special.map(({ id }) => id));
  const spare = spareTokens(vocabulary, model.config.vocabularySize);
  const rows = rngs.length;
  const [, length] = batch.last.tokens.shape;
  const past = openPiece(batch.last, length - responseTokens);
  const types = await speakers(past.types);
  let { logits, state } = opening(model.params, batch.memory, past);
  disposeTree(past);
  const written: number[][] = rngs.map(() => []);
  const ended = rngs.map(() => false);
  try {
    for (let place = 0; place < responseTokens; place++) {
      const scores = (await logits.data()) as Float32Array;
      const size = scores.length / rows;
      const drawn = rngs.map((rng, row) => {
        if (ended[row]) return tokens.padding;
        const own = scores.slice(row * size, (row + 1) * size);
        for (const id of special) if (place === 0 || !ends.has(id)) own[id] = never;
        for (const id of spare) own[id] = never;
        return sampleToken(own, settings, rng);
      });
      drawn.forEach((id, row) => {
        if (ended[row]) return;
        if (ends.has(id)) ended[row] = true;
        else (written[row] as number[]).push(id);
      });
      if (place === responseTokens - 1 || ended.every(Boolean)) break;
      const next = writeToken(model, state, drawn, types);
      disposeTree([logits, state]);
      ({ logits, state } = next);
      await breathe();
    }
    return written;
  } finally {
    disposeTree([logits, state]);
  }
}

/** The beginning of a segment, owned by the caller. */
function openPiece({ tokens, types, fresh, seed }: Piece, count: number): Piece {
  const cut = (tensor: tf.Tensor2D): tf.Tensor2D => tf.slice(tensor, [0, 0], [tensor.shape[0], count]);
  return { tokens: cut(tokens), types: cut(types), fresh: tf.clone(fresh), seed: tf.clone(seed) };
}

/** The type of the last token of each row: who responds. */
async function speakers(types: tf.Tensor2D): Promise<number[]> {
  const values = await types.data();
  const [rows, length] = types.shape;
  return Array.from({ length: rows }, (_, row) => values[row * length + length - 1] as number);
}

function writeToken(model: Gpt2, state: Gpt2State, ids: readonly number[], types: readonly number[]): Opened {
  return tidyTree(() => {
    const column = (values: readonly number[]): tf.Tensor2D =>
      tf.tensor2d([...values], [values.length, 1], "int32");
    const output = gpt2(model, state, column(ids), { tokenTypes: column(types), logits: "last" });
    return { logits: tf.squeeze(output.logits as tf.Tensor3D, [1]) as tf.Tensor2D, state: output.state };
  });
}
