import { createRng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { generate, read } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchOf, smallGpt2, smallMemory, tokens } from "../test/model.js";
import type { Gpt2 } from "./gpt2.js";
import { disposeGpt2 } from "./gpt2.js";
import { gpt2 } from "./model.js";
import { initialState } from "./state.js";

describe("generating with a GPT-2", () => {
  let model: Gpt2;
  beforeAll(() => {
    model = smallGpt2(smallMemory);
  });
  afterAll(() => disposeGpt2(model));
  const collect = async (text: AsyncIterable<number>): Promise<number[]> => {
    const out: number[] = [];
    for await (const token of text) out.push(token);
    return out;
  };

  it("continues greedily as whole passes over the growing text do", async () => {
    const [prompt, maxTokens] = [tokens(3, 7), 12];
    const text = [...prompt];
    for (let i = 0; i < maxTokens; i++) {
      const { logits, state } = read(model, initialState(model.config, 1), [text]);
      const scores = [...logits.dataSync()];
      text.push(scores.indexOf(Math.max(...scores)));
      disposeTree([logits, state]);
    }
    const got = await collect(generate(model, { prompt, maxTokens, temperature: 0, rng: createRng(1) }));
    expect(got).toEqual(text.slice(3));
  });

  it("gives the logits of the last position alone where these are asked for", () => {
    tf.tidy(() => {
      const [state, text] = [initialState(model.config, 2), batchOf([tokens(4, 1), tokens(4, 2)])];
      const [all, last] = (["all", "last"] as const).map(
        (logits) => gpt2(model, state, text, { logits }).logits,
      );
      expectClose(last?.dataSync() as Float32Array, tf.slice(all as tf.Tensor3D, [0, 3, 0]).dataSync());
      expect(gpt2(model, state, text, { logits: "none" }).logits).toBe(null);
    });
  });

  it("frees everything when it ends or is left early", async () => {
    const before = tf.memory().numTensors;
    const options = { prompt: tokens(8, 7), maxTokens: 9, rng: createRng(1) };
    await collect(generate(model, options));
    for await (const _ of generate(model, options)) break;
    expect(tf.memory().numTensors).toBe(before);
  });
});
