import type { CompressedMemory, CompressionParams } from "@infinite-former/memory";
import { appendCompressed, compressedCount, compressRows } from "@infinite-former/memory";
import { cloneTree, stopGradient, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { CompressiveAttentionParams } from "./compressive-attention.js";
import type { CompressiveTransformerConfig } from "./compressive-config.js";
import { reconstructionLoss, zeroReconstructionLoss } from "./compressive-reconstruction.js";
import { lastRows } from "./last-rows.js";

/** What one layer remembers; `null` where there is nothing yet. */
export interface CompressiveMemory {
  /** `[batch, rows, model]` short-term memory, oldest first. */
  readonly recent: tf.Tensor3D | null;
  readonly compressed: CompressedMemory | null;
}

/** Parameters that the memory of one layer needs; `compression` is absent where nothing is compressed. */
export interface CompressiveMemoryParams {
  readonly attention: CompressiveAttentionParams;
  readonly compression?: CompressionParams;
}

/** A memory after a segment, constant for any gradient, and the auxiliary loss of its compression. */
export interface RememberedSegment extends CompressiveMemory {
  /** Scalar, or `null` where it was not asked for. */
  readonly loss: tf.Scalar | null;
}

/** The slot whose memory the layer of a slot reads and continues. */
export function memorySource(
  {
    enhancedRecurrence,
    memoryLayers,
  }: Pick<CompressiveTransformerConfig, "enhancedRecurrence" | "memoryLayers">,
  slot: number,
): number {
  return enhancedRecurrence ? (slot + 1) % memoryLayers.length : slot;
}

/**
 * The memory of one layer after a whole segment: the segment enters the
 * short-term memory, the rows that no longer fit are compressed, and enter the
 * compressed memory, whose oldest rows are forgotten.
 *
 * @param memory what this layer read in the segment; borrowed.
 * @param filled `[batch]`: how many of the last short-term rows count.
 * @param segment `[batch, L, model]`: attention inputs of the segment.
 * @param options `withLoss`: whether the reconstruction loss is wanted; `throughPast`: whether the memories have
 *   gradients, by `memory`, `segment` and the compression.
 * @returns tensors owned by the caller. Without `throughPast` only `loss` has a gradient, by the compression; it
 *   is 0 with gradient 0 where nothing was compressed.
 * @see Rae et al. (2019), "Compressive Transformers", algorithms 1 and 2, https://arxiv.org/abs/1911.05507
 */
export function rememberSegment(
  params: CompressiveMemoryParams,
  config: Pick<
    CompressiveTransformerConfig,
    "heads" | "shortTermLength" | "compressedLength" | "compressionRatio" | "remainder" | "reconstruction"
  >,
  memory: CompressiveMemory,
  filled: tf.Tensor1D,
  segment: tf.Tensor3D,
  { withLoss, throughPast }: { readonly withLoss: boolean; readonly throughPast: boolean },
): RememberedSegment {
  const { heads, shortTermLength, compressedLength, remainder } = config;
  return tidyTree(() => {
    const rows = throughPast ? segment : stopGradient(segment);
    const all: tf.Tensor3D = memory.recent === null ? rows : tf.concat([memory.recent, rows], 1);
    const [batch, count, model] = all.shape;
    const kept = Math.min(count, shortTermLength);
    const recent = kept === 0 ? null : tf.clone(lastRows(all, kept));
    const { compression } = params;
    const compresses = compressedCount(count - kept, config.compressionRatio, remainder) > 0;
    if (compression === undefined || !compresses) {
      const compressed = memory.compressed === null ? null : cloneTree(memory.compressed);
      return { recent, compressed, loss: withLoss ? zeroReconstructionLoss([compression]) : null };
    }
    const leaving: CompressedMemory = {
      rows: tf.slice(all, [0, 0, 0], [batch, count - kept, model]),
      filled: tf.relu(tf.add(filled, segment.shape[1] - shortTermLength) as tf.Tensor1D),
    };
    const fresh = compressRows(compression, leaving, remainder);
    const entering = throughPast ? fresh : constantRows(fresh);
    const past = memory.recent === null ? null : { rows: memory.recent, filled };
    const old = config.reconstruction === "leaving" ? leaving : past;
    const loss = (): tf.Scalar => {
      // The loss trains the compression alone, whatever else has a gradient.
      const compressed = throughPast ? compressRows(compression, constantRows(leaving), remainder) : fresh;
      return reconstructionLoss(params.attention, { queries: segment, old, compressed, heads });
    };
    return {
      recent,
      compressed: appendCompressed(memory.compressed, entering, compressedLength),
      loss: withLoss ? loss() : null,
    };
  });
}

function constantRows({ rows, filled }: CompressedMemory): CompressedMemory {
  return { rows: stopGradient(rows), filled };
}
