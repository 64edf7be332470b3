import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "./errors.js";
import { tidyTree } from "./tidy-tree.js";
import { leaves, mapTree, unflatten } from "./tree.js";

/**
 * Some batch rows of a tree whose tensors all have the batch as their first
 * axis, such as the state of a model.
 *
 * @param tree borrowed.
 * @param rows whole numbers in `0…batch − 1`, in the order wanted; one may come twice (a fork).
 * @returns a tree of `[rows.length, …]` tensors, owned by the caller.
 * @throws {ShapeError} `ERR_SHAPE` if there is no row, a row is out of range, or a tensor has no batch axis.
 */
export function takeRows<T extends object>(tree: T, rows: readonly number[]): T {
  if (rows.length === 0) throw new ShapeError("takeRows: rows must name at least one row, got none");
  for (const { path, tensor } of leaves(tree)) {
    const batch = tensor.shape[0];
    const has = batch === undefined ? "no batch axis" : `${batch} rows`;
    const wrong = rows.find((row) => !Number.isInteger(row) || row < 0 || row >= (batch ?? 0));
    if (wrong === undefined) continue;
    throw new ShapeError(`takeRows: rows must be in range, got ${wrong}; ${path || "tree"} has ${has}`);
  }
  return tidyTree(() => {
    const indices = tf.tensor1d([...rows], "int32");
    return mapTree(tree, (tensor) => tf.gather(tensor, indices));
  });
}

/**
 * Trees of one form joined along the batch, the first axis of every tensor.
 *
 * @param trees at least one; borrowed.
 * @returns a tree owned by the caller.
 * @throws {ShapeError} `ERR_SHAPE` naming the tree and path that differ from the first in more than the batch.
 */
export function concatRows<T extends object>(trees: readonly T[]): T {
  const [first] = trees;
  if (first === undefined) throw new ShapeError("concatRows: trees must hold at least one, got none");
  const forms = trees.map(formsByPath);
  const wanted = forms[0] as Map<string, string>;
  forms.forEach((form, index) => {
    for (const path of new Set([...wanted.keys(), ...form.keys()])) {
      const [want, got] = [wanted.get(path) ?? "nothing", form.get(path) ?? "nothing"];
      if (want === got && want !== noBatch) continue;
      const at = `trees[${index}]${path && ` at ${path}`}`;
      throw new ShapeError(`concatRows: ${at} must be ${want === noBatch ? "[batch, …]" : want}, got ${got}`);
    }
  });
  return tidyTree(() => {
    const all = trees.map((tree) => leaves(tree).map(({ tensor }) => tensor));
    const joined = (all[0] as tf.Tensor[]).map((_, i) => {
      return tf.concat(
        all.map((tensors) => tensors[i] as tf.Tensor),
        0,
      );
    });
    return unflatten(first, joined);
  });
}

const noBatch = "a scalar";

/** Type and shape but for the batch, by path: what trees to be joined must share. */
function formsByPath(tree: object): Map<string, string> {
  return new Map(
    leaves(tree).map(({ path, tensor: { dtype, shape } }) => {
      return [path, shape.length === 0 ? noBatch : `${dtype} [${["batch", ...shape.slice(1)].join(", ")}]`];
    }),
  );
}
