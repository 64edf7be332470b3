import { assertSameShape, ShapeError, softmaxCrossEntropy } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** What `crossEntropy` returns. */
export interface CrossEntropy {
  /** Scalar: weighted mean in nats per counted token; 0 if none counts. */
  readonly loss: tf.Scalar;
  /** `[…]` −log p of each target, before weighting; 0 where the weight is 0. */
  readonly losses: tf.Tensor;
  /** Scalar: sum of the weights, so that `loss · weight` adds up over batches. */
  readonly weight: tf.Scalar;
}

/**
 * Cross entropy of next-token predictions, in nats:
 * `losses = log Σ_v exp(logits_v) − logits_target`, `loss = Σ w·losses / Σ w`.
 * Stable for logits of any size.
 *
 * @param logits `[…, vocabulary]` float32, unnormalised. Differentiable.
 * @param targets `[…]` int32 ids, `0 ≤ id < vocabulary`; not checked (reading
 *   them back would stall), except that an id may be anything where the weight is 0.
 * @param weights `[…]` float32 ≥ 0, constant; all 1 by default. 0 ignores a
 *   position: no loss, no gradient.
 * @returns tensors owned by the caller; `loss` and `losses` are differentiable.
 * @throws {ShapeError} `ERR_SHAPE` if leading axes differ.
 * @example
 * const { loss } = crossEntropy(logits, targets, ignoreTargets(targets, 21));
 */
export function crossEntropy(logits: tf.Tensor, targets: tf.Tensor, weights?: tf.Tensor): CrossEntropy {
  if (logits.rank < 2) {
    throw new ShapeError(
      `crossEntropy: logits must have shape […, vocabulary], got [${logits.shape.join(", ")}]`,
    );
  }
  const leading = logits.shape.slice(0, -1);
  assertSameShape("crossEntropy", "targets", targets.shape, leading);
  if (weights) assertSameShape("crossEntropy", "weights", weights.shape, leading);
  return tf.tidy(() => {
    const rows = tf.reshape(logits, [-1, logits.shape.at(-1)!]) as tf.Tensor2D;
    const labels = tf.reshape(tf.cast(targets, "int32"), [-1]) as tf.Tensor1D;
    if (weights === undefined) {
      const each = softmaxCrossEntropy(rows, labels);
      const weight = tf.scalar(labels.size);
      return { loss: tf.mean(each) as tf.Scalar, losses: tf.reshape(each, leading), weight };
    }
    const flat = tf.reshape(weights, [-1]) as tf.Tensor1D;
    const counts = tf.notEqual(flat, 0);
    // An ignored id may lie outside the vocabulary, which no kernel takes.
    const inside = tf.mul(labels, tf.cast(counts, "int32")) as tf.Tensor1D;
    const each = tf.mul(softmaxCrossEntropy(rows, inside), tf.cast(counts, "float32"));
    const weight = tf.sum(flat) as tf.Scalar;
    const divisor = tf.add(weight, tf.cast(tf.equal(weight, 0), "float32")); // 1 if nothing counts: the sum is 0 then
    const loss = tf.div(tf.sum(tf.mul(each, flat)), divisor) as tf.Scalar;
    return { loss, losses: tf.reshape(each, leading), weight };
  });
}

/** `[…]` weights that are 0 where a target is the ignored id, 1 elsewhere. */
export function ignoreTargets(targets: tf.Tensor, ignored: number): tf.Tensor {
  return tf.tidy(() => tf.cast(tf.notEqual(targets, tf.scalar(ignored, "int32")), "float32"));
}

/** Perplexity of a mean loss in nats: `exp(loss)`. */
export function perplexity(loss: number): number {
  return Math.exp(loss);
}

/** A mean loss in nats per character as bits per character: `loss / ln 2`. */
export function bitsPerCharacter(loss: number): number {
  return loss / Math.LN2;
}
