import { batchMatMul, withGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** The operands of one relative attention; `H` heads, `B` rows, `q` queries, `K` keys, `d` head size. */
export interface RelativeAttentionInput {
  /** `[H, B, q, d]`: queries plus content bias, scaled by 1/√d. */
  readonly contentQueries: tf.Tensor4D;
  /** `[H, B, q, d]`: queries plus position bias, scaled by 1/√d. */
  readonly positionQueries: tf.Tensor4D;
  /** `[H, B, K, d]` */
  readonly keys: tf.Tensor4D;
  /** `[H, B, K, d]` */
  readonly values: tf.Tensor4D;
  /** `[H, K + 1, d]`: projected distances K−1 … 0, then one row that is never read; `[H, B, K + 1, d]` where each batch row has its own. */
  readonly positions: tf.Tensor3D | tf.Tensor4D;
  /** `[1 or B, q, K]` additive mask, constant. */
  readonly mask: tf.Tensor3D;
}

/**
 * Softmax attention with relative positions,
 * `softmax(Q_u Kᵀ + shift(Q_v Rᵀ) + mask) V`, with its own gradient.
 *
 * With one spare row in `positions` the relative shift is one contiguous
 * slice of the flattened scores, forward and backward. The gradient of the
 * scores is `P ⊙ (dO Vᵀ − rowsum(dO ⊙ O))`; only P and O are kept.
 *
 * @returns `[H, B, q, d]`, owned by the caller. Differentiable in all but the mask.
 * @see Dai et al. (2019), "Transformer-XL", section 3.3, https://arxiv.org/abs/1901.02860
 */
export function relativeAttention(input: RelativeAttentionInput): tf.Tensor4D {
  const { contentQueries, positionQueries, keys, values, positions, mask } = input;
  const [heads, batch, queries, size] = contentQueries.shape;
  const count = keys.shape[2];

  return withGradient<tf.Tensor4D>([contentQueries, positionQueries, keys, values, positions], (save) => {
    const content = batchMatMul(contentQueries, keys, false, true);
    // With one table for all rows of the batch, their queries are the rows of one matrix.
    const lead = positions.rank === 3 ? [heads, batch * queries] : [heads, batch, queries];
    const flat = tf.reshape(positionQueries, [...lead, size]);
    const byDistance = tf.reshape(batchMatMul(flat, positions, false, true), [
      heads * batch,
      queries * (count + 1),
    ]);
    const shifted = tf.slice(byDistance, [0, queries - 1], [heads * batch, queries * count]);
    const scores = tf.add(content, tf.reshape(shifted, [heads, batch, queries, count]));
    const weights = tf.softmax(tf.add(scores, tf.expandDims(mask, 0)));
    const value = batchMatMul(weights, values) as tf.Tensor4D;
    save([contentQueries, flat, keys, values, positions, weights, value]);
    return {
      value,
      gradient: (cotangent, saved) => {
        const [u, v, k, w, r, p, out] = saved as Operands;
        const rowSums = tf.sum(tf.mul(cotangent, out), -1, true);
        const dScores = tf.mul(p, tf.sub(batchMatMul(cotangent, w, false, true), rowSums));
        const rows = tf.pad(tf.reshape(dScores, [heads * batch, queries * count]), [
          [0, 0],
          [queries - 1, 1],
        ]);
        const dDistances = tf.reshape(rows, [...lead, count + 1]);
        return [
          batchMatMul(dScores, k),
          tf.reshape(batchMatMul(dDistances, r), [heads, batch, queries, size]),
          batchMatMul(dScores, u, true, false),
          batchMatMul(p, cotangent, true, false),
          batchMatMul(dDistances, v, true, false),
        ];
      },
    };
  });
}

type Operands = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
