import { createRng } from "@infinite-former/random";
import { trainingDistance } from "./distances.js";
import { type RecallDocument, type RecallTextConfig, recallDocument } from "./recall-text.js";

/** One segment of every row, and what is to be told there. */
export interface RecallBatch {
  /** `[rows · segmentLength]` row-major */
  readonly inputs: Int32Array;
  /** The words that follow, where a question is asked; 0 elsewhere. */
  readonly targets: Int32Array;
  /** 1 where a question is asked. */
  readonly weights: Float32Array;
  /** `[rows]` 1 where a row begins a document, or is begun in the middle of its first. */
  readonly fresh: Float32Array;
}

/**
 * The training text: rows that read document after document, of which none
 * comes twice. They begin at different places of their first document, so that
 * memories of all ages are in every batch.
 *
 * @returns the batch of a step. Steps may be asked for in any order; ascending is fast.
 */
export function recallStream(
  config: RecallTextConfig,
  { seed, rows }: { readonly seed: number; readonly rows: number },
): (step: number) => RecallBatch {
  const { segments, segmentLength: length } = config;
  const rng = createRng(seed).split("recall training");
  const open = new Map<number, { readonly index: number; readonly document: RecallDocument }>();
  const documentOf = (row: number, index: number): RecallDocument => {
    const last = open.get(row);
    if (last?.index === index) return last.document;
    const document = recallDocument(config, rng.split(`row ${row}, document ${index}`), trainingDistance);
    open.set(row, { index, document });
    return document;
  };
  return (step) => {
    const inputs = new Int32Array(rows * length);
    const targets = new Int32Array(rows * length);
    const weights = new Float32Array(rows * length);
    const fresh = new Float32Array(rows);
    for (let row = 0; row < rows; row++) {
      const at = step + Math.floor((row * segments) / rows);
      const segment = at % segments;
      const from = segment * length;
      const { tokens, questions } = documentOf(row, Math.floor(at / segments));
      inputs.set(tokens.subarray(from, from + length), row * length);
      for (const { position } of questions) {
        if (position < from || position >= from + length) continue;
        targets[row * length + position - from] = tokens[position + 1] as number;
        weights[row * length + position - from] = 1;
      }
      if (segment === 0 || step === 0) fresh[row] = 1;
    }
    return { inputs, targets, weights, fresh };
  };
}
