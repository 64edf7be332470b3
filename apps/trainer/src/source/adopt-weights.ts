import { UsageError } from "@infinite-former/command-line";
import { disposeTree, leaves, mapTree } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";

/** Parts of a model that may be added to one without them. */
const added = /\.(longTerm|compressed)\./;

/**
 * New parameters with the weights of another model in their places; what only
 * the new model has, a memory, stays as it was drawn.
 *
 * @param fresh taken over. @param weights taken over.
 * @returns owned by the caller.
 * @throws {UsageError} `ERR_USAGE` listing every weight that is missing, has no place or another shape; both are freed then.
 */
export function adoptWeights<P extends object>(fresh: P, weights: object): P {
  const given = new Map(leaves(weights).map(({ path, tensor }) => [path, tensor]));
  const faults = leaves(fresh).flatMap(({ path, tensor }) => {
    const own = given.get(path);
    if (own === undefined) return added.test(path) ? [] : [`missing: ${path}`];
    const [want, got] = [tensor.shape.join(", "), own.shape.join(", ")];
    return want === got ? [] : [`misfit: ${path} must have shape [${want}], got [${got}]`];
  });
  const places = new Set(leaves(fresh).map(({ path }) => path));
  for (const path of given.keys()) if (!places.has(path)) faults.push(`unexpected: ${path}`);
  if (faults.length > 0) {
    disposeTree([fresh, weights]);
    throw new UsageError(
      `model.from: its weights must be those of the configured model, got\n  ${faults.join("\n  ")}`,
    );
  }
  const unused: tf.Tensor[] = [];
  const adopted = mapTree(fresh, (tensor, path) => {
    const own = given.get(path);
    if (own === undefined) return tensor;
    unused.push(tensor);
    return own;
  });
  disposeTree(unused);
  return adopted;
}
