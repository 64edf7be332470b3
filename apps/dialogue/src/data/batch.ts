import * as tf from "@tensorflow/tfjs-core";
import type { ResponseSegments } from "./segments.js";

/** One segment of every row. */
export interface Piece {
  /** `[batch, L]` int32 */
  readonly tokens: tf.Tensor2D;
  /** `[batch, L]` int32: who speaks, or the document's token. */
  readonly types: tf.Tensor2D;
  /** `[batch]` float32: 1 where the row's text begins here, or later. */
  readonly fresh: tf.Tensor1D;
  /** `[2]` int32: of dropout and sticky memories. */
  readonly seed: tf.Tensor1D;
}

/** Responses side by side. */
export interface ResponseBatch {
  /** The memory before the first segment. */
  readonly memory: object;
  /** All segments but the last, read for the memory alone. */
  readonly prefix: readonly Piece[];
  /** The segment that ends with the response. */
  readonly last: Piece;
  /** `[batch · (R + 1)]` int32 */
  readonly targets: tf.Tensor1D;
  /** `[batch · (R + 1)]` float32 */
  readonly weights: tf.Tensor1D;
}

/** More segments than a document and a conversation have. */
const segmentsOfStep = 1024;

/**
 * Responses as tensors, aligned at their ends: rows with fewer segments begin
 * later, with an empty memory.
 *
 * @param counted which targets count.
 * @param memory of as many rows; taken over.
 * @param seed of the run and number of the step.
 * @returns owned by the caller.
 */
export function responseBatch(
  rows: readonly ResponseSegments[],
  counted: "words" | "weights",
  memory: object,
  { seed, step }: { readonly seed: number; readonly step: number },
): ResponseBatch {
  const most = Math.max(...rows.map(({ count }) => count));
  const length = (rows[0] as ResponseSegments).tokens.length / (rows[0] as ResponseSegments).count;
  const piece = (segment: number): Piece => {
    const of = (from: (row: ResponseSegments) => Int32Array): tf.Tensor2D => {
      const values = new Int32Array(rows.length * length);
      rows.forEach((row, index) => {
        // Before a row's own text anything may stand: its memory begins anew after it.
        const own = Math.max(0, segment - (most - row.count));
        values.set(from(row).subarray(own * length, (own + 1) * length), index * length);
      });
      return tf.tensor2d(values, [rows.length, length], "int32");
    };
    const fresh = rows.map(({ count }) => (segment <= most - count ? 1 : 0));
    const number = step * segmentsOfStep + segment;
    return {
      tokens: of(({ tokens }) => tokens),
      types: of(({ types }) => types),
      fresh: tf.tensor1d(fresh, "float32"),
      seed: tf.tensor1d([seed | 0, number | 0], "int32"),
    };
  };
  return {
    memory,
    prefix: Array.from({ length: most - 1 }, (_, segment) => piece(segment)),
    last: piece(most - 1),
    targets: tf.tensor1d(Int32Array.from(rows.flatMap(({ targets }) => [...targets])), "int32"),
    weights: tf.tensor1d(Float32Array.from(rows.flatMap((row) => [...row[counted]])), "float32"),
  };
}
