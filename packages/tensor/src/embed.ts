import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "./custom-gradient.js";
import { IndexError } from "./errors.js";
import { scatterRows } from "./scatter-rows.js";
import { assertShape } from "./shape.js";

/**
 * Rows of a table by index.
 *
 * @param table `[vocabulary, size]`.
 * @param ids int32, any shape, in `[0, vocabulary)`.
 * @returns `[…ids, size]`, owned by the caller. Differentiable in `table`, on
 *   every backend: rows met several times add up.
 * @throws {ShapeError} `ERR_SHAPE` if `table` is not a matrix; {IndexError} `ERR_INDEX` naming
 *   the first id that is no row of it. A compiled function fails in TensorFlow's own words.
 */
export function embed(table: tf.Tensor2D, ids: tf.Tensor): tf.Tensor {
  const { vocabulary, size } = assertShape("embed", "table", table, "[vocabulary, size]");
  return tf.tidy(() => {
    const flat: tf.Tensor1D = tf.reshape(ids, [-1]);
    const rows = withGradient<tf.Tensor2D>([table], (save) => {
      save([flat]);
      return {
        value: gathered(table, flat),
        gradient: (cotangent, [index]) => [scatterRows(cotangent, index as tf.Tensor1D, vocabulary)],
      };
    });
    return tf.reshape(rows, [...ids.shape, size]);
  });
}

/** Ids are looked at where the gathering has failed: every backend refuses those outside. */
function gathered(table: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor2D {
  try {
    return tf.gather(table, ids);
  } catch (error) {
    const [rows] = table.shape;
    const values = ids.dataSync();
    const at = values.findIndex((id) => id < 0 || id >= rows);
    if (at < 0) throw error;
    throw new IndexError(`embed: ids[${at}] must be in 0…${rows - 1}, got ${values[at]}`, { cause: error });
  }
}
