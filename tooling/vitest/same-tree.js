import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { expectClose } from "./close.js";

/** The tensors of a tree (plain objects and arrays) with their paths. */
function leavesOf(node, path = "") {
  if (node === undefined || node === null) return [];
  if (node instanceof tf.Tensor) return [{ path, tensor: node }];
  return Object.entries(node).flatMap(([key, child]) =>
    leavesOf(child, path === "" ? key : `${path}.${key}`),
  );
}

/**
 * Compares two trees of tensors, such as a model's states: the same paths, types
 * and shapes, and every element of each tensor by the rule of `expectClose`.
 *
 * @param {object} got
 * @param {object} want
 * @param {{ abs?: number, rel?: number, name?: string }} [limit] `name` goes before the path
 */
export function expectSameTree(got, want, { name = "", ...limit } = {}) {
  const [found, wanted] = [leavesOf(got), leavesOf(want)];
  const forms = (leaves) => leaves.map(({ path, tensor: { dtype, shape } }) => [path, dtype, shape]);
  expect(forms(found), name).toEqual(forms(wanted));
  found.forEach(({ path, tensor }, i) => {
    expectClose(tensor.dataSync(), wanted[i].tensor.dataSync(), { ...limit, name: `${name} ${path}`.trim() });
  });
}
