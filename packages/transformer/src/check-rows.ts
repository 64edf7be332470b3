import { ShapeError } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";

/** What the rows of one kind in a state must be. */
export interface RowsOfState {
  /** How many tensors there are, where there are any. */
  readonly layers: number;
  readonly batch: number;
  /** Rows that each has at most, the same in all. */
  readonly most: number;
  readonly modelSize: number;
}

/**
 * Checks the rows that a state holds per layer; only shapes are read.
 *
 * @param fn in whose name the message speaks. @param path of the list in the state, as `state.recent`.
 * @param list none at all, or one tensor a layer.
 * @throws {ShapeError} `ERR_SHAPE` naming the path: the state belongs to another model.
 */
export function checkRows(fn: string, path: string, list: readonly tf.Tensor[], want: RowsOfState): void {
  const { layers, batch, most, modelSize } = want;
  if (list.length !== 0 && list.length !== layers) {
    throw new ShapeError(`${fn}: ${path} must hold ${layers} layers or none, got ${list.length}`);
  }
  const rows = list[0]?.shape[1];
  list.forEach((tensor, layer) => {
    const [ownBatch, own, model] = tensor.shape as [number, number, number];
    const fits =
      tensor.rank === 3 &&
      ownBatch === batch &&
      own === rows &&
      own >= 1 &&
      own <= most &&
      model === modelSize;
    if (fits) return;
    const wanted = layer === 0 ? `rows = 1 … ${most}` : `rows = ${rows}`;
    throw new ShapeError(
      `${fn}: ${path}.${layer} must have shape [batch = ${batch}, ${wanted}, model = ${modelSize}], got [${tensor.shape.join(", ")}]`,
    );
  });
}
