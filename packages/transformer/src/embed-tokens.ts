import { embed, scatterRows, withGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { WordParams } from "./adaptive-params.js";
import { isAdaptive } from "./adaptive-params.js";

/**
 * Vectors of tokens, as yet unscaled: rows of the one table, or of their
 * cluster's, times its projection.
 *
 * @param ids `[count]` int32, `0 ≤ id < vocabulary`; not checked.
 * @returns `[count, model]`, owned by the caller. Differentiable in the parameters.
 * @see Baevski & Auli (2019), "Adaptive Input Representations", https://arxiv.org/abs/1809.10853
 */
export function embedTokens(params: Pick<WordParams, "embedding">, ids: tf.Tensor1D): tf.Tensor2D {
  if (!isAdaptive(params)) return embed(params.embedding as tf.Tensor2D, ids) as tf.Tensor2D;
  return tf.tidy(() => {
    let start = 0;
    const parts: tf.Tensor2D[] = params.embedding.map(({ table, projection }) => {
      const rows = rowsInside(table, tf.sub(ids, tf.scalar(start, "int32")));
      start += table.shape[0];
      return projection === undefined ? rows : tf.matMul(rows, projection);
    });
    return parts.reduce((sum, part) => tf.add<tf.Tensor2D>(sum, part));
  });
}

/** `[count, width]`: rows of a table; zeros where an id is not one of its. */
function rowsInside(table: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor2D {
  const [words] = table.shape;
  return withGradient<tf.Tensor2D>([table], (save) => {
    const inside = tf.logicalAnd(
      tf.greaterEqual(ids, tf.scalar(0, "int32")),
      tf.less(ids, tf.scalar(words, "int32")),
    );
    const index = tf.mul(ids, tf.cast(inside, "int32")) as tf.Tensor1D;
    const mask = tf.expandDims(tf.cast(inside, "float32"), 1);
    save([index, mask]);
    return {
      value: tf.mul(tf.gather(table, index), mask),
      gradient: (cotangent, [at, counts]) => [
        scatterRows(tf.mul(cotangent, counts as tf.Tensor), at as tf.Tensor1D, words),
      ],
    };
  });
}
