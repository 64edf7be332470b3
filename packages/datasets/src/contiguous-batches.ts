import { assertInteger, ConfigError } from "./errors.js";
import { segmentTable } from "./segment-table.js";
import { assertStarts, assertTokens } from "./token-documents.js";
import { arrayTokens, type TokenSource } from "./token-source.js";

/** What batches of contiguous rows are cut from, and how. */
export interface ContiguousBatchesConfig {
  /** An array, or a source that reads what a batch needs: a corpus of any size then takes no memory. */
  readonly tokens: Int32Array | Uint16Array | TokenSource;
  /** Where each document starts; one document by default. */
  readonly documents?: readonly number[];
  /** Rows of a batch. */
  readonly batchSize: number;
  /** L: targets of a row in one step. */
  readonly segmentLength: number;
  /** Checks every token against it, if given: an array's at once, a source's as they are read. */
  readonly vocabularySize?: number;
}

/** One step: a segment of every row. */
export interface TokenBatch {
  /** `[batch · length]` row-major. */
  readonly inputs: Int32Array;
  /** `[batch · length]` the tokens that follow the inputs. */
  readonly targets: Int32Array;
  /** `[batch · length]` 1 for a target, 0 for padding (input and target are then 0). */
  readonly weights: Float32Array;
  /** `[batch]` 1 where the row does not continue its previous segment: reset its memory before this one. */
  readonly fresh: Uint8Array;
  /** Sum of the weights. */
  readonly tokens: number;
}

/** A position in an endless run over the data: plain JSON, exact. */
export interface BatchCursor {
  readonly epoch: number;
  /** Step within the epoch, `0 … stepsPerEpoch - 1`. */
  readonly step: number;
}

/** Batches of contiguous rows, addressed by position. Immutable. */
export interface ContiguousBatches {
  readonly batchSize: number;
  readonly segmentLength: number;
  readonly stepsPerEpoch: number;
  /** Targets with weight 1 in one epoch: each token of each document but its first. */
  readonly targetsPerEpoch: number;
  /** The batch at a position. */
  at(cursor: BatchCursor): TokenBatch;
  /** The position after. */
  next(cursor: BatchCursor): BatchCursor;
}

/** Where a run over the data begins. */
export const firstBatch: BatchCursor = Object.freeze({ epoch: 0, step: 0 });

/**
 * Cuts documents into rows that are read in order, so that a memory carried
 * from step to step belongs to the text before.
 *
 * All segments of all documents, in order, are dealt to the rows in equal
 * contiguous runs (their numbers differ by at most one). A row begins afresh
 * (`fresh`) at the start of the epoch and wherever a document starts; a
 * document's last segment is padded with weight 0, as is a row that has one
 * segment less. So one epoch holds every target of the data exactly once; the
 * first token of a document is only ever an input.
 *
 * @throws {ConfigError} `ERR_CONFIG` for sizes below 1 or boundaries out of order.
 * @throws {DatasetError} `ERR_DATASET` for a token outside the vocabulary, or
 *   no document of two tokens.
 * @example
 * const batches = contiguousBatches({ tokens, batchSize: 12, segmentLength: 64 });
 * let cursor = firstBatch;
 * const batch = batches.at(cursor); // save `cursor` as JSON to come back here
 * cursor = batches.next(cursor);
 */
export function contiguousBatches(config: ContiguousBatchesConfig): ContiguousBatches {
  const { tokens, documents = [0], batchSize, segmentLength, vocabularySize } = config;
  assertInteger("contiguousBatches", "batchSize", batchSize, 1);
  assertInteger("contiguousBatches", "segmentLength", segmentLength, 1);
  assertStarts("contiguousBatches", documents, tokens.length);
  const isArray = tokens instanceof Int32Array || tokens instanceof Uint16Array;
  const source = isArray ? arrayTokens(tokens) : tokens;
  if (vocabularySize !== undefined && isArray) assertTokens("contiguousBatches", tokens, vocabularySize);
  const segments = segmentTable(tokens.length, documents, segmentLength);
  const stepsPerEpoch = Math.ceil(segments.count / batchSize);
  const share = Math.floor(segments.count / batchSize);
  const longer = segments.count % batchSize; // the first rows have one segment more

  const at = ({ epoch, step }: BatchCursor): TokenBatch => {
    assertInteger("contiguousBatches.at", "epoch", epoch, 0);
    assertInteger("contiguousBatches.at", "step", step, 0);
    if (step >= stepsPerEpoch) {
      throw new ConfigError(
        `contiguousBatches.at: step must be below ${stepsPerEpoch}, got ${step}: is this the position of other data?`,
        "step",
      );
    }
    const inputs = new Int32Array(batchSize * segmentLength);
    const targets = new Int32Array(batchSize * segmentLength);
    const weights = new Float32Array(batchSize * segmentLength);
    const fresh = new Uint8Array(batchSize);
    let total = 0;
    for (let row = 0; row < batchSize; row++) {
      const count = share + (row < longer ? 1 : 0);
      if (step >= count) {
        fresh[row] = 1; // nothing left in this row: an empty segment
        continue;
      }
      const segment = segments.at(row * share + Math.min(row, longer) + step);
      const offset = row * segmentLength;
      const { start, targets: length } = segment;
      const read = source.read(start, length + 1);
      if (vocabularySize !== undefined && !isArray) {
        assertTokens("contiguousBatches", read, vocabularySize, start);
      }
      inputs.set(read.subarray(0, length), offset);
      targets.set(read.subarray(1), offset);
      weights.fill(1, offset, offset + length);
      fresh[row] = step === 0 || segment.first ? 1 : 0;
      total += length;
    }
    return { inputs, targets, weights, fresh, tokens: total };
  };

  return {
    batchSize,
    segmentLength,
    stepsPerEpoch,
    targetsPerEpoch: segments.targets,
    at,
    next: ({ epoch, step }) =>
      step + 1 < stepsPerEpoch ? { epoch, step: step + 1 } : { epoch: epoch + 1, step: 0 },
  };
}

/**
 * One pass over all data, for evaluation: every target of the split exactly
 * once, padding at weight 0. With `batchSize` 1 every target sees its whole
 * document before it; with more rows, a document cut between rows starts
 * afresh there.
 */
export function* evaluationBatches(config: ContiguousBatchesConfig): Generator<TokenBatch, void, undefined> {
  const batches = contiguousBatches(config);
  for (let step = 0; step < batches.stepsPerEpoch; step++) yield batches.at({ epoch: 0, step });
}
