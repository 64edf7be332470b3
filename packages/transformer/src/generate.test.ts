import { createRng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { numbers, smallModel, tokens } from "../test/model.js";
import { generate } from "./generate.js";
import type { GenerateOptions } from "./generate-options.js";
import type { InfiniteFormer } from "./infinite-former.js";
import { disposeInfiniteFormer } from "./infinite-former.js";
import { read } from "./read.js";
import type { TransformerState } from "./state.js";
import { initialState } from "./state.js";

describe("generate", () => {
  let model: InfiniteFormer;
  beforeAll(() => {
    model = smallModel();
  });
  afterAll(() => disposeInfiniteFormer(model));
  const prompt = tokens(23, 7);
  const options = (
    seed: number,
    more: Partial<GenerateOptions<TransformerState>> = {},
  ): GenerateOptions<TransformerState> => ({
    prompt,
    maxTokens: 12,
    rng: createRng(seed),
    ...more,
  });
  const collect = async (given: GenerateOptions<TransformerState>): Promise<number[]> => {
    const out: number[] = [];
    for await (const token of generate(model, given)) out.push(token);
    return out;
  };

  it("gives the same tokens for the same seed and others for another", async () => {
    const first = await collect(options(1));
    expect(first).toHaveLength(12);
    expect(await collect(options(1))).toEqual(first);
    expect(await collect(options(2))).not.toEqual(first);
  });

  it("comes back to no token of prompt or text under a heavy repetition penalty, while there are others", async () => {
    const short = [1, 2, 3, 1, 2];
    const penalty = { prompt: short, temperature: 0, repetitionPenalty: 1e9, maxTokens: 6 };
    const text = await collect(options(1, penalty));
    expect(new Set([...short, ...text]).size).toBe(3 + 6);
    expect(await collect(options(1, { ...penalty, repetitionPenalty: 1 }))).not.toEqual(text);
  });

  it("continues from a kept state as if it had never stopped", async () => {
    const rng = createRng(3);
    const iterator = generate(model, { prompt, maxTokens: 6, rng, keepState: true });
    const head: number[] = [];
    let step = await iterator.next();
    for (; !step.done; step = await iterator.next()) head.push(step.value);
    const state = step.value;
    if (state === null) throw new Error("no state was kept");
    const again = read(model, initialState(model.config, 1), [[...prompt, ...head]]);
    const want = numbers(again.state);
    for (const [name, got] of Object.entries(numbers(state))) {
      expectClose(got, want[name] as number[], { abs: 2e-5, rel: 2e-5, name });
    }
    disposeTree(again);
    disposeTree(state);
  });

  it("frees everything when it ends, is left early, is aborted or throws", async () => {
    const before = tf.memory().numTensors;
    await collect(options(1));
    for await (const _ of generate(model, options(1))) break;
    const controller = new AbortController();
    const some: number[] = [];
    for await (const token of generate(model, options(1, { signal: controller.signal }))) {
      some.push(token);
      if (some.length === 3) controller.abort();
    }
    expect(some).toHaveLength(3);
    await expect(collect(options(1, { prompt: [] }))).rejects.toThrow(/at least one id/);
    await expect(collect(options(1, { prompt: [99] }))).rejects.toThrow(
      /prompt\[0\] must be an integer in 0…10, got 99/,
    );
    await expect(collect(options(1, { temperature: Number.NaN }))).rejects.toThrow(/temperature/);
    const leftovers = tf.memory().numTensors - before;
    // `initialState` made for a prompt that was refused is freed as well.
    expect(leftovers).toBe(0);
  });

  it("does not touch a state it was lent", async () => {
    const lent = read(model, initialState(model.config, 1), [tokens(9, 8)]);
    const before = numbers(lent.state);
    await collect(options(4, { state: lent.state }));
    expect(numbers(lent.state)).toEqual(before);
    disposeTree(lent);
  });
});
