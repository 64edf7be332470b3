import { readFileSync } from "node:fs";
import { createRng, normals } from "@infinite-former/random";
import { disposeTree, leaves, mapTree, tidyTree, unflatten } from "@infinite-former/tensor";
import { compile } from "@infinite-former/tensorflow";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import { crossEntropy, valueAndGrad } from "@infinite-former/training";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  cutoffs,
  forms,
  logProbabilities,
  modelSize,
  randomWords,
  vocabularySize,
} from "../test/adaptive.js";
import { adaptiveCrossEntropy } from "./adaptive-cross-entropy.js";
import { adaptiveLogProbabilities } from "./adaptive-log-probabilities.js";
import type { AdaptiveParams } from "./adaptive-params.js";
import { type ClusterTensors, clusterTargets, clusterTensors } from "./cluster-targets.js";

/** Targets at every border of a cluster, some that don't count, and batches that leave clusters empty. */
const batches = [
  { ids: [3, 4, 6, 7, 8, 10, 0, 9], weights: [1, 2, 1, 0.5, 1, 1, 3, 1] },
  { ids: [-1, 10, 99, 8, 0, 10, 4, 3], weights: [0, 2, 0, 0.25, 1, 0, 3, 1] },
  { ids: [0, 1, 2, 3, 0, 1, 2, 3], weights: [1, 1, 1, 1, 1, 1, 1, 1] },
  { ids: [9, 9, 9, 9, 10, 10, 8, 8], weights: [1, 1, 1, 1, 0, 2, 1, 1] },
  { ids: [1, 5, 9, 7, 1, 5, 9, 7], weights: [0, 0, 0, 0, 0, 0, 0, 0] },
];
const rows = 8;
const values = normals(createRng(3), rows * modelSize);

const clustered = (ids: readonly number[], weights: readonly number[]): ClusterTensors =>
  clusterTensors(clusterTargets({ vocabularySize, adaptive: { cutoffs, divisor: 1 } }, ids, weights));

/** Loss by the whole distribution. */
function whole(
  params: AdaptiveParams,
  features: tf.Tensor2D,
  ids: readonly number[],
  weights: readonly number[],
) {
  const logs = adaptiveLogProbabilities(params, features);
  return crossEntropy(logs, tf.tensor1d([...ids], "int32"), tf.tensor1d([...weights]));
}

describe.each(forms)("adaptiveCrossEntropy with clusters of $name", (form) => {
  it.each(batches)("equals the definition in float64 with targets $ids", ({ ids, weights }) => {
    const params = randomWords(form);
    const features = tf.tensor3d(values, [2, rows / 2, modelSize]);
    const targets = clustered(ids, weights);
    const before = tf.memory().numTensors;
    const { loss, losses, weight } = adaptiveCrossEntropy(params, features, targets);
    expect(tf.memory().numTensors).toBe(before + 3);
    const want = ids.map((id, row) => {
      const x = Array.from(values.subarray(row * modelSize, (row + 1) * modelSize), Math.fround);
      return weights[row] === 0 ? 0 : -(logProbabilities(params, x)[id] as number);
    });
    const total = weights.reduce((a, b) => a + b);
    expectClose(losses.dataSync(), want, { abs: 1e-6, rel: 1e-6 });
    const mean = want.reduce((sum, l, i) => sum + l * (weights[i] as number), 0) / (total || 1);
    expectClose(loss.dataSync(), [mean], { abs: 1e-6, rel: 1e-6 });
    expect(weight.dataSync()[0]).toBe(total);
    disposeTree([params, features, targets, loss, losses, weight]);
  });

  it.each(batches)("has loss and gradients of the cross entropy of all words with targets $ids", (batch) => {
    const { ids, weights } = batch;
    const params = randomWords(form);
    const features = tf.tensor2d(values, [rows, modelSize]);
    const targets = clustered(ids, weights);
    const all = { params, features };
    const before = tf.memory().numTensors;
    const optional = { optional: ["params.embedding.0", "params.embedding"] };
    const got = valueAndGrad(
      (now: typeof all) => ({ loss: adaptiveCrossEntropy(now.params, now.features, targets).loss, aux: {} }),
      optional,
    )(all);
    const want = valueAndGrad(
      (now: typeof all) => ({ loss: whole(now.params, now.features, ids, weights).loss, aux: {} }),
      optional,
    )(all);
    expect(leaves(got.gradients).map(({ path }) => path)).toEqual(leaves(all).map(({ path }) => path));
    for (const [i, { path, tensor }] of leaves(got).entries()) {
      const wanted = leaves(want)[i]?.tensor as tf.Tensor;
      expectClose(tensor.dataSync(), wanted.dataSync(), { abs: 1e-6, rel: 1e-5, name: path });
    }
    disposeTree([got, want]);
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([all, targets]);
  });

  it("gives the same numbers compiled, recorded once for clusters of one size", ({ skip }) => {
    if (tf.getBackend() !== "tensorflow") skip("functions are recorded on native TensorFlow");
    const params = randomWords(form);
    const features = tf.tensor2d(values, [rows, modelSize]);
    const step = (now: AdaptiveParams, x: tf.Tensor, targets: ClusterTensors) =>
      tidyTree(() =>
        valueAndGrad(
          (own: AdaptiveParams) => ({ loss: adaptiveCrossEntropy(own, x, targets).loss, aux: {} }),
          { optional: ["embedding"] },
        )(now),
      );
    const compiled = compile(step);
    for (const { ids, weights } of batches) {
      const targets = clustered(ids, weights);
      const [got, want] = [compiled(params, features, targets), step(params, features, targets)];
      const numbers = (tree: object) =>
        leaves(tree).map(({ path, tensor }) => [path, [...tensor.dataSync()]]);
      expect(numbers(got)).toEqual(numbers(want));
      disposeTree([got, want, targets]);
    }
    expect(compiled.signatures().length).toBe(1);
    compiled.dispose();
    disposeTree([params, features]);
  });
});

describe("adaptiveCrossEntropy", () => {
  it("has the gradients of finite differences, of single losses too", () => {
    const params = randomWords(forms[2]);
    const [{ ids, weights }] = batches.slice(1) as [(typeof batches)[0]];
    const targets = clustered(ids, weights);
    const inputs = leaves(params).map(({ tensor: { shape, size } }, i) => ({
      shape,
      values: normals(createRng(i), size, 0, 0.6),
    }));
    expectGradients(
      (features: tf.Tensor, ...now: tf.Tensor[]) => {
        const { losses, loss } = adaptiveCrossEntropy(unflatten(params, now), features, targets);
        const rest = tf.mul(tf.addN(now.map((x) => tf.sum(x))), 0.1);
        return tf.add(tf.add(losses, loss), rest);
      },
      [{ shape: [rows, modelSize], values }, ...inputs],
    );
    disposeTree([params, targets]);
  });

  it("names what doesn't fit", () => {
    const params = randomWords(forms[0]);
    tf.tidy(() => {
      const targets = clustered([1, 2], [1, 1]);
      const shape = (message: string) =>
        expect.objectContaining({ code: "ERR_SHAPE", message: `adaptiveCrossEntropy: ${message}` });
      expect(() => adaptiveCrossEntropy(params, tf.zeros([2, 3]), targets)).toThrow(
        shape("features must have shape […, model = 8], got [2, 3]"),
      );
      expect(() => adaptiveCrossEntropy(params, tf.zeros([3, 8]), targets)).toThrow(
        shape("targets.head.labels must have shape [rows = 3], got [2]"),
      );
      const fewer = { ...targets, tails: targets.tails.slice(1) };
      expect(() => adaptiveCrossEntropy(params, tf.zeros([2, 8]), fewer)).toThrow(
        shape("targets.tails must be 3 as the model's, got 2"),
      );
      const embedding = tf.zeros<tf.Rank.R2>([3, 2]);
      expect(() => adaptiveCrossEntropy({ embedding }, tf.zeros([2, 2]), targets)).toThrow(
        expect.objectContaining({ code: "ERR_CONFIG", path: "adaptive" }),
      );
    });
    disposeTree(mapTree(params, (x) => x));
  });
});

/** What tooling/reference/adaptive.py writes. */
interface Golden {
  readonly cutoffs: number[];
  readonly targets: number[];
  readonly head: { readonly weight: number[][]; readonly bias: number[] };
  readonly tails: readonly { readonly projection: number[][]; readonly weight: number[][] }[];
  readonly features: number[][];
  readonly logProbabilities: number[][];
  readonly losses: number[];
  readonly loss: number;
  readonly gradient: number[][];
}

describe("PyTorch's AdaptiveLogSoftmaxWithLoss", () => {
  it("gives the same log-probabilities, losses and gradient", () => {
    tf.tidy(() => {
      const path = new URL("../test/adaptive-softmax.json", import.meta.url);
      const golden = JSON.parse(readFileSync(path, "utf8")) as Golden;
      // Its projections are [width, model] as ours; its head has none, and its tails have no biases.
      const { head, tails, features } = golden;
      const [words] = golden.cutoffs as [number];
      const table = tf.tensor2d(head.weight);
      const bias = tf.tensor1d(head.bias);
      const rest = [head.bias.length - words];
      const params: AdaptiveParams = {
        embedding: [],
        output: {
          gates: { table: tf.slice(table, [words, 0], [-1, -1]), bias: tf.slice(bias, [words], rest) },
          clusters: [
            { table: tf.slice(table, [0, 0], [words, -1]), bias: tf.slice(bias, [0], [words]) },
            ...tails.map(({ weight, projection }) => ({
              table: tf.tensor2d(weight),
              projection: tf.tensor2d(projection),
              bias: tf.zeros<tf.Rank.R1>([weight.length]),
            })),
          ],
        },
      };
      const x = tf.tensor2d(features);
      const targets = clustered(
        golden.targets,
        golden.targets.map(() => 1),
      );
      const close = { abs: 1e-6, rel: 1e-6 };
      expect([golden.cutoffs, golden.features[0]?.length]).toEqual([cutoffs, modelSize]);
      expectClose(adaptiveLogProbabilities(params, x).dataSync(), golden.logProbabilities.flat(), close);
      const { loss, losses } = adaptiveCrossEntropy(params, x, targets);
      expectClose(losses.dataSync(), golden.losses, close);
      expectClose(loss.dataSync(), [golden.loss], close);
      const gradient = tf.grad((now: tf.Tensor) => adaptiveCrossEntropy(params, now, targets).loss)(x);
      expectClose(gradient.dataSync(), golden.gradient.flat(), close);
    });
  });
});
