import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  assertTreesMatch,
  cloneTree,
  countParameters,
  disposeTree,
  keepTree,
  leaves,
  mapTree,
  tidyTree,
  treeFromLeaves,
  unflatten,
  zerosLikeTree,
} from "./index.js";

interface Layer {
  readonly kernel: tf.Tensor2D;
  readonly bias?: tf.Tensor1D;
}
interface Params {
  readonly layers: readonly Layer[];
  readonly scale: tf.Scalar;
}

let before = 0;
let tree: Params;
beforeEach(() => {
  before = tf.memory().numTensors;
  tree = {
    layers: [
      { kernel: tf.tensor2d([1, 2, 3, 4], [2, 2]), bias: tf.tensor1d([5, 6]) },
      { kernel: tf.ones([2, 3]) },
    ],
    scale: tf.scalar(7),
  };
});
afterEach(() => {
  disposeTree(tree);
  expect(tf.memory().numTensors).toBe(before);
});

const paths = ["layers.0.kernel", "layers.0.bias", "layers.1.kernel", "scale"];

describe("leaves", () => {
  it("lists tensors by path, in insertion order, absent members left out", () => {
    expect(leaves(tree).map(({ path }) => path)).toEqual(paths);
    expect(leaves({ a: undefined, b: null, c: tree.scale })).toEqual([{ path: "c", tensor: tree.scale }]);
    expect(leaves(tree.scale)).toEqual([{ path: "", tensor: tree.scale }]);
  });

  it("takes variables as tensors", () => {
    const variable = tf.variable(tree.scale);
    expect(leaves([variable])[0]?.tensor).toBe(variable);
    variable.dispose();
  });

  it("refuses what is not a tensor, by path", () => {
    expect(() => leaves({ a: [tree.scale, 3] })).toThrow("a.1 must be a tensor, got number");
    expect(() => leaves({ a: new Float32Array(2) })).toThrow("a must be a tensor, got object");
  });
});

describe("mapTree and unflatten", () => {
  it("keep form and order", () => {
    const doubled = mapTree(tree, (tensor) => tf.mul(tensor, 2));
    expect(doubled.layers[0]?.bias?.arraySync()).toEqual([10, 12]);
    expect("bias" in (doubled.layers[1] as Layer)).toBe(false);
    const again = unflatten(
      tree,
      leaves(doubled).map(({ tensor }) => tensor),
    );
    expect(again).toEqual(doubled);
    expect(() => unflatten(tree, [])).toThrow("unflatten: tensors must have 4 elements, got 0");
    disposeTree(doubled);
  });
});

describe("treeFromLeaves", () => {
  it("is the inverse of leaves, whatever their order", () => {
    expect(treeFromLeaves(leaves(tree))).toEqual(tree);
    expect(treeFromLeaves(leaves(tree).reverse())).toEqual(tree);
    const twelve = { layers: Array.from({ length: 12 }, () => ({ scale: tree.scale })) };
    expect(treeFromLeaves(leaves(twelve))).toEqual(twelve);
  });

  it("makes an object where a number is left out", () => {
    expect(treeFromLeaves([{ path: "1.scale", tensor: tree.scale }])).toEqual({ 1: { scale: tree.scale } });
  });
});

describe("the life of a tree", () => {
  it("is kept out of tidy, cloned, zeroed and disposed once or twice", () => {
    const kept = tidyTree(() => keepTree(cloneTree(tree)));
    const zero = zerosLikeTree(tree);
    expect(kept.layers[0]?.kernel.arraySync()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(zero.layers[0]?.kernel.arraySync()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(tf.memory().numTensors).toBe(before + 12);
    disposeTree(kept);
    disposeTree(kept);
    disposeTree(zero);
    expect(tf.memory().numTensors).toBe(before + 4);
  });

  it("counts numbers, not tensors", () => {
    expect(countParameters(tree)).toBe(4 + 2 + 6 + 1);
  });
});

describe("assertTreesMatch", () => {
  const message = (other: object) => {
    try {
      assertTreesMatch("f", "gradients", other, tree);
      return "none";
    } catch (error) {
      expect((error as { code: string }).code).toBe("ERR_SHAPE");
      return (error as Error).message;
    }
  };

  it("names the first path that differs", () => {
    expect(message(tree)).toBe("none");
    expect(message({ ...tree, layers: tree.layers.slice(0, 1) })).toBe(
      "f: gradients must have a tensor at layers.1.kernel, got none",
    );
    expect(message({ ...tree, extra: tree.scale })).toBe("f: gradients must not have a tensor at extra");
    expect(message({ ...tree, scale: tree.layers[0]?.bias })).toBe(
      "f: gradients at scale must be float32 [], got float32 [2]",
    );
    const whole = tf.scalar(1, "int32");
    expect(message({ ...tree, scale: whole })).toBe("f: gradients at scale must be float32 [], got int32 []");
    whole.dispose();
  });
});
