import { disposeTree, leaves } from "@infinite-former/tensor";
import { compile } from "@infinite-former/tensorflow";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { crossEntropy, valueAndGrad } from "@infinite-former/training";
import { dropoutSeeds, meanPenalty, stickyRowSeeds } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { batchOf, smallGpt2, smallMemory, tokens } from "../test/model.js";
import type { Gpt2 } from "./gpt2.js";
import { disposeGpt2 } from "./gpt2.js";
import { gpt2 } from "./model.js";
import { type Gpt2State, initialState } from "./state.js";

describe("a step of a GPT-2 as a graph", () => {
  it("gives the numbers of eager steps: loss, every gradient, the memory, segment after segment", ({
    skip,
  }) => {
    if (tf.getBackend() !== "tensorflow") skip("graphs are recorded on native TensorFlow");
    const dropout = { embedding: 0.1, attention: 0.1, residual: 0.1 };
    const model = smallGpt2({
      dropout,
      longTerm: { ...smallMemory.longTerm, sampling: "sticky", stickyBins: 7 },
    });
    const step = (params: Gpt2["params"], state: Gpt2State, text: tf.Tensor2D, seed: tf.Tensor1D) =>
      valueAndGrad((own: Gpt2["params"]) => {
        const options = { seeds: dropoutSeeds(0.1, seed), stickySeeds: stickyRowSeeds(seed, 2) };
        const out = gpt2({ ...model, params: own }, state, text, options);
        const ce = crossEntropy(out.logits as tf.Tensor, text).loss;
        return { loss: tf.add(ce, tf.mul(meanPenalty(out), 0.01)), aux: out.state };
      })(params);
    const graph = compile(step);
    let states = [initialState(model.config, 2, "full"), initialState(model.config, 2, "full")] as const;
    for (let i = 0; i < 5; i++) {
      const text = batchOf([tokens(5, 10 + i), tokens(5, 20 + i)]);
      const seed = tf.tensor1d([7, i], "int32");
      const [want, got] = [
        step(model.params, states[0], text, seed),
        graph(model.params, states[1], text, seed),
      ];
      const all = new Map(leaves(want).map(({ path, tensor }) => [path, tensor]));
      for (const { path, tensor } of leaves(got)) {
        const name = `step ${i}: ${path}`;
        expectClose(tensor.dataSync(), all.get(path)?.dataSync() as Float32Array, {
          abs: 1e-5,
          rel: 1e-4,
          name,
        });
      }
      disposeTree([states[0], states[1], text, seed, want.loss, want.gradients, got.loss, got.gradients]);
      states = [want.aux, got.aux];
    }
    expect(graph.signatures().length).toBe(1);
    disposeTree([states[0], states[1]]);
    graph.dispose();
    disposeGpt2(model);
  });
});
