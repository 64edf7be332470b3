import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "./errors.js";

/**
 * Nested plain objects and arrays with tensors as leaves: parameters,
 * gradients, states. Absent members (`undefined`, `null`) are skipped. The
 * functions below take any object type, so that interfaces like
 * `LinearParams` need no index signature; other leaves are refused.
 */
export type Tree = tf.Tensor | readonly Tree[] | { readonly [key: string]: Tree | undefined };

/** One tensor of a tree with its place, like `layers.0.attention.queries.kernel`. */
export interface Leaf {
  readonly path: string;
  readonly tensor: tf.Tensor;
}

/**
 * A tree of the same form with every tensor replaced, in the order of `leaves`.
 * @param fn gets each tensor and its path; what it returns becomes the leaf.
 * @throws {TypeError} if a leaf is not a tensor; the message names its path.
 */
export function mapTree<T extends object>(tree: T, fn: (tensor: tf.Tensor, path: string) => tf.Tensor): T {
  const visit = (node: unknown, path: string): unknown => {
    if (node === undefined || node === null) return node;
    if (node instanceof tf.Tensor) return fn(node, path);
    const below = (key: string | number) => (path === "" ? `${key}` : `${path}.${key}`);
    if (Array.isArray(node)) return node.map((child, i) => visit(child, below(i)));
    if (typeof node === "object" && isPlain(node)) {
      return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child, below(key))]));
    }
    throw new TypeError(`mapTree: ${path || "tree"} must be a tensor, got ${typeof node}`);
  };
  return visit(tree, "") as T;
}

function isPlain(node: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(node);
  return prototype === Object.prototype || prototype === null;
}

/** The tensors of a tree with their paths; keys in insertion order, arrays by index. */
export function leaves(tree: object): Leaf[] {
  const found: Leaf[] = [];
  mapTree(tree, (tensor, path) => {
    found.push({ path, tensor });
    return tensor;
  });
  return found;
}

/**
 * The inverse of `leaves`: a tree of the form of `like` holding `tensors`.
 * @throws {RangeError} if there are more or fewer tensors than leaves.
 */
export function unflatten<T extends object>(like: T, tensors: readonly tf.Tensor[]): T {
  let next = 0;
  const tree = mapTree(like, (tensor) => tensors[next++] ?? tensor);
  if (next !== tensors.length) {
    throw new RangeError(`unflatten: tensors must have ${next} elements, got ${tensors.length}`);
  }
  return tree;
}

/**
 * The tree whose leaves are these: objects by name, arrays where all names
 * below a place are `0 … n − 1`. The inverse of `leaves`.
 *
 * @param all of a tree with members; paths must differ, and none may lie below another: not checked.
 */
export function treeFromLeaves(all: readonly Leaf[]): object {
  const below = new Map<string, { rest: string; tensor: tf.Tensor }[]>();
  for (const { path, tensor } of all) {
    const dot = path.indexOf(".");
    const key = dot < 0 ? path : path.slice(0, dot);
    const group = below.get(key) ?? [];
    group.push({ rest: dot < 0 ? "" : path.slice(dot + 1), tensor });
    below.set(key, group);
  }
  const members = [...below].map(([key, group]): [string, object] => {
    const [first] = group;
    if (first?.rest === "") return [key, first.tensor];
    return [key, treeFromLeaves(group.map(({ rest, tensor }) => ({ path: rest, tensor })))];
  });
  const object = Object.fromEntries(members);
  const isArray = members.length > 0 && members.every((_, index) => below.has(`${index}`));
  return isArray ? members.map((_, index) => object[index] as object) : object;
}

/** Disposes every tensor of a tree; one that is disposed already is passed over. */
export function disposeTree(tree: object): void {
  for (const { tensor } of leaves(tree)) if (!tensor.isDisposed) tensor.dispose();
}

/** Takes every tensor of a tree out of the enclosing `tf.tidy`; the caller then owns them. Returns the tree. */
export function keepTree<T extends object>(tree: T): T {
  for (const { tensor } of leaves(tree)) tf.keep(tensor);
  return tree;
}

/** A tree of clones (sharing data, disposed independently). */
export function cloneTree<T extends object>(tree: T): T {
  return mapTree(tree, (tensor) => tf.clone(tensor));
}

/** A tree of zeros with the shapes and types of another. */
export function zerosLikeTree<T extends object>(tree: T): T {
  return mapTree(tree, (tensor) => tf.zerosLike(tensor));
}

/** How many numbers the tensors of a tree hold. */
export function countParameters(tree: object): number {
  return leaves(tree).reduce((sum, { tensor }) => sum + tensor.size, 0);
}

/**
 * Checks that two trees have the same paths, shapes and types.
 * @throws {ShapeError} `ERR_SHAPE` naming the first path that differs.
 */
export function assertTreesMatch(fn: string, arg: string, tree: object, like: object): void {
  const got = new Map(leaves(tree).map(({ path, tensor }) => [path, tensor]));
  for (const { path, tensor } of leaves(like)) {
    const found = got.get(path);
    if (found === undefined)
      throw new ShapeError(`${fn}: ${arg} must have a tensor at ${path || "its root"}, got none`);
    const text = (t: tf.Tensor) => `${t.dtype} [${t.shape.join(", ")}]`;
    if (text(found) !== text(tensor)) {
      throw new ShapeError(
        `${fn}: ${arg} at ${path || "its root"} must be ${text(tensor)}, got ${text(found)}`,
      );
    }
    got.delete(path);
  }
  for (const path of got.keys())
    throw new ShapeError(`${fn}: ${arg} must not have a tensor at ${path || "its root"}`);
}
