import type * as tf from "@tensorflow/tfjs-core";
import { adaptiveLogProbabilities } from "./adaptive-log-probabilities.js";
import type { WordParams } from "./adaptive-params.js";
import { isAdaptive } from "./adaptive-params.js";
import type { RowProduct } from "./row-product.js";

/** The output of a model without clusters. */
export interface PlainOutput {
  /** `[model, vocabulary]`; absent where it is tied to the embedding. */
  readonly kernel?: tf.Tensor2D | undefined;
  /** `[vocabulary]` */
  readonly bias?: tf.Tensor1D | undefined;
}

/**
 * Scores of all tokens: logits, or the log-probabilities of a model with clusters.
 *
 * @param plain the output of a model without clusters; not read in others.
 * @param features `[rows, model]`: what the output layer sees.
 * @returns `[rows, vocabulary]`, owned by the caller.
 */
export function tokenScores(
  params: WordParams,
  plain: PlainOutput,
  features: tf.Tensor2D,
  product: RowProduct,
): tf.Tensor2D {
  if (isAdaptive(params)) return adaptiveLogProbabilities(params, features, product);
  const { kernel, bias } = plain;
  const table = params.embedding as tf.Tensor2D;
  return product(features, { kernel: kernel ?? table, bias, transposed: kernel === undefined });
}
