import { disposeTree, leaves } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import {
  crossEntropy,
  type GradientError,
  type LossAndGradients,
  valueAndGrad,
} from "@infinite-former/training";
import { meanPenalty } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { batchOf, feed, smallGpt2, smallMemory, tokens } from "../test/model.js";
import type { Gpt2 } from "./gpt2.js";
import { disposeGpt2 } from "./gpt2.js";
import { gpt2 } from "./model.js";
import type { Gpt2LayerParams } from "./params.js";
import type { Gpt2State } from "./state.js";
import { initialState } from "./state.js";

/** Loss and gradients of a text whose past is `before`. */
function lossAndGradients(
  model: Gpt2,
  text: readonly number[],
  before: Gpt2State,
): LossAndGradients<Gpt2["params"], object> {
  return valueAndGrad((params: Gpt2["params"]) => ({
    loss: lossOf({ ...model, params }, text, before),
    aux: {},
  }))(model.params);
}

function lossOf(model: Gpt2, text: readonly number[], before: Gpt2State): tf.Scalar {
  const out = gpt2(model, before, batchOf([text]));
  const { loss } = crossEntropy(out.logits as tf.Tensor, batchOf([text]));
  return tf.add(loss, tf.mul(meanPenalty(out), 0.01));
}

describe("gradients of gpt2", () => {
  it("reach every parameter and equal finite differences", () => {
    const model = smallGpt2({ ...smallMemory, tiedOutput: false, segmentLength: 6 });
    const { state } = feed(model, [tokens(12, 1)], [6, 6], initialState(model.config, 1));
    const text = tokens(6, 2);
    const { gradients, loss } = lossAndGradients(model, text, state);
    const value = (params: Gpt2["params"]): number =>
      tf.tidy(() => lossOf({ ...model, params }, text, state).dataSync()[0] as number);
    expectClose(loss.dataSync(), [value(model.params)], { rel: 1e-5 });
    const all = leaves(model.params);
    leaves(gradients).forEach(({ path, tensor }, index) => {
      const own = all[index]?.tensor as tf.Tensor;
      const norm = Math.sqrt([...tensor.dataSync()].reduce((sum, g) => sum + g * g, 0));
      // Along the gradient itself the derivative is its norm: the largest difference there is to see.
      const at = (step: number): number =>
        tf.tidy(() => {
          const moved = tf.add(own, tf.mul(tensor, step / norm));
          return value(replaceLeaf(model.params, path, moved));
        });
      const h = 0.02;
      const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
      expectClose([norm], [slope], { abs: 1e-4, rel: 1e-2, name: path });
    });
    disposeTree([state, gradients, loss]);
    disposeGpt2(model);
  });

  it("are missing for the memory's parameters before there is a memory, and said so", () => {
    const model = smallGpt2(smallMemory);
    const state = initialState(model.config, 1);
    let paths: readonly string[] = [];
    try {
      lossAndGradients(model, tokens(5, 2), state);
    } catch (error) {
      ({ paths } = error as GradientError);
    }
    expect(paths.length).toBe(2 * 7);
    expect(paths.every((path) => path.includes("longTerm"))).toBe(true);
    disposeTree(state);
    disposeGpt2(model);
  });

  it("reach the norm of the segment before where its normed states are absorbed, and nothing else there", () => {
    for (const input of ["normed", "hidden"] as const) {
      const model = smallGpt2({ longTerm: { ...smallMemory.longTerm, input } });
      const { gain } = (model.params.layers[0] as Gpt2LayerParams).attentionNorm;
      tf.tidy(() => {
        const { grads } = tf.valueAndGrads((own: tf.Tensor, words: tf.Tensor) => {
          const loss = lossThroughMemory(model, own as tf.Tensor1D, words as tf.Tensor2D);
          return tf.add(loss, tf.mul(tf.add(tf.sum(own), tf.sum(words)), 0)); // or there is no gradient at all
        })([tf.clone(gain), tf.clone(model.params.tokens)]); // others than the second segment's own
        const at = (step: number): number => {
          const moved = tf.add(gain, step) as tf.Tensor1D;
          return lossThroughMemory(model, moved, model.params.tokens).dataSync()[0] as number;
        };
        const h = 0.01;
        const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
        const got = [...(grads[0] as tf.Tensor).dataSync()].reduce((sum, g) => sum + g, 0);
        expectClose([got], [input === "normed" ? slope : 0], { abs: 1e-2, rel: 2e-2 });
        // The hidden states themselves are constant.
        expect(Math.max(...(grads[1] as tf.Tensor).dataSync().map(Math.abs))).toBe(0);
      });
      disposeGpt2(model);
    }
  });
});

/** A loss of the second segment, where only what layer 0 absorbs of the first depends on the gain of its norm and on the words. */
function lossThroughMemory(model: Gpt2, gain: tf.Tensor1D, words: tf.Tensor2D): tf.Scalar {
  const layers = model.params.layers.map((layer, index) =>
    index === 0 ? { ...layer, attentionNorm: { ...layer.attentionNorm, gain } } : layer,
  );
  const params = { ...model.params, layers, tokens: words };
  const { state } = gpt2({ ...model, params }, initialState(model.config, 1), batchOf([tokens(5, 1)]));
  const previous = state.previous.map((rows, index) => (index === 0 ? rows : tf.zerosLike(rows)));
  const out = gpt2(model, { ...state, previous }, batchOf([tokens(5, 2)]));
  return tf.sum(tf.square(out.logits as tf.Tensor)) as tf.Scalar;
}

function replaceLeaf<T extends object>(tree: T, path: string, tensor: tf.Tensor): T {
  const [key, ...rest] = path.split(".") as [string, ...string[]];
  const below = (tree as Record<string, object>)[key] as object;
  const replaced = rest.length === 0 ? tensor : replaceLeaf(below, rest.join("."), tensor);
  if (Array.isArray(tree))
    return tree.map((own, index) => (`${index}` === key ? replaced : own)) as unknown as T;
  return { ...tree, [key]: replaced };
}
