import { disposeTree } from "@infinite-former/tensor";
import { adamW, crossEntropy, initAdamW, resolveAdamWConfig, valueAndGrad } from "@infinite-former/training";
import { meanPenalty } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { batchOf, feed, smallGpt2, smallMemory, tokens } from "../test/model.js";
import type { Gpt2 } from "./gpt2.js";
import { disposeGpt2 } from "./gpt2.js";
import { gpt2 } from "./model.js";
import { initialState } from "./state.js";

describe("training a GPT-2", () => {
  it("learns a text by heart, with as many tensors after each step as before", () => {
    const model = smallGpt2(smallMemory);
    const { state } = feed(model, [tokens(5, 1)], [5], initialState(model.config, 1));
    const settings = resolveAdamWConfig({});
    let params: Gpt2["params"] = model.params;
    let moments = initAdamW(params);
    const losses: number[] = [];
    const counts: number[] = [];
    const batch = { text: batchOf([tokens(5, 2)]), targets: batchOf([tokens(5, 3)]), rate: tf.scalar(0.02) };
    for (let i = 0; i < 40; i++) {
      const { loss, gradients, aux } = valueAndGrad((own: Gpt2["params"]) => {
        const out = gpt2({ ...model, params: own }, state, batch.text);
        const ce = crossEntropy(out.logits as tf.Tensor, batch.targets).loss;
        return { loss: tf.add(ce, tf.mul(meanPenalty(out), 1e-6)), aux: out.state };
      })(params);
      losses.push(loss.dataSync()[0] as number);
      const next = adamW(settings, params, gradients, moments, batch.rate);
      disposeTree([loss, gradients, aux, params, moments]);
      params = next.params;
      moments = next.state;
      counts.push(tf.memory().numTensors);
    }
    expect(losses.at(-1)).toBeLessThan(0.05);
    expect(new Set(counts).size).toBe(1);
    disposeTree([state, params, moments, batch]);
    disposeGpt2({ ...model, params: {} as Gpt2["params"] });
  });
});
