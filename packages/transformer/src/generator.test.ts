import { createRng } from "@infinite-former/random";
import { disposeTree, takeRows } from "@infinite-former/tensor";
import { compile } from "@infinite-former/tensorflow";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { livelyModel, numbers, tokens } from "../test/model.js";
import { asItIs, type Compile } from "./compile.js";
import { generate } from "./generate.js";
import type { GenerateBatchOptions } from "./generate-options.js";
import { createGenerator, type Generator } from "./generator.js";
import { disposeInfiniteFormer, type InfiniteFormer } from "./infinite-former.js";
import { read } from "./read.js";
import { initialState, type TransformerState } from "./state.js";

let model: InfiniteFormer;
let generator: Generator<InfiniteFormer, TransformerState>;
beforeAll(() => {
  model = livelyModel({ longTerm: { sampling: "sticky", stickyBins: 7 } }); // segments of 5, 11 tokens
  const recorded = compile as unknown as Compile;
  generator = createGenerator<TransformerState, InfiniteFormer>(model, {
    compile: tf.getBackend() === "tensorflow" ? recorded : asItIs,
  });
});
afterAll(() => {
  generator.dispose();
  disposeInfiniteFormer(model);
});

/** Products of other batch sizes may be summed in another order. */
const sameNumbers = { abs: 1e-4, rel: 1e-4 };
const prompts = [tokens(23, 7), tokens(3, 8), tokens(10, 9), tokens(41, 10)];
type Batch = GenerateBatchOptions<TransformerState>;

/** All tokens by sequence, and the states. */
async function collect(
  given: Batch,
  own = generator,
): Promise<{ texts: number[][]; states: readonly TransformerState[] | null }> {
  const texts: number[][] = given.prompts.map(() => []);
  const iterator = own.generateBatch(given);
  for (;;) {
    const next = await iterator.next();
    if (next.done) return { texts, states: next.value };
    next.value.forEach((id, row) => {
      if (id !== null) texts[row]?.push(id);
    });
  }
}

describe("createGenerator", () => {
  it("gives each sequence of a batch what it gives the sequence alone", async () => {
    const rng = createRng(3);
    const { texts, states } = await collect({ prompts, maxTokens: 25, rng, keepState: true });
    for (const [row, prompt] of prompts.entries()) {
      const alone: number[] = [];
      const own = { prompt, maxTokens: 25, rng: rng.split(`sequence ${row}`), keepState: true };
      const iterator = generate(model, own);
      let next = await iterator.next();
      for (; !next.done; next = await iterator.next()) alone.push(next.value);
      expect(alone).toEqual(texts[row]);
      expect(new Set(alone).size).toBeGreaterThan(3);
      const [got, want] = [
        numbers(states?.[row] as TransformerState),
        numbers(next.value as TransformerState),
      ];
      for (const [part, values] of Object.entries(got)) {
        expectClose(values, want[part] as number[], { ...sameNumbers, name: `sequence ${row}, ${part}` });
      }
      disposeTree(next.value as TransformerState);
    }
    disposeTree(states as readonly TransformerState[]);
  });

  it("writes greedily what single forward passes over a growing text write", async () => {
    const rng = createRng(1);
    const plain = { ...model, functions: { ...model.functions } };
    delete plain.functions.decoder;
    const given = { prompts, maxTokens: 20, temperature: 0, rng };
    const own = createGenerator<TransformerState, InfiniteFormer>(plain);
    const together = { ...given, prompts: prompts.map((prompt) => prompt.slice(0, 3)) };
    for (const one of [given, together]) {
      expect((await collect(one)).texts).toEqual((await collect(one, own)).texts);
    }
  });

  it("goes on from kept states as if it had never stopped", async () => {
    const rng = createRng(4);
    const whole = await collect({ prompts, maxTokens: 24, temperature: 0, rng });
    const head = await collect({ prompts, maxTokens: 11, temperature: 0, rng, keepState: true });
    for (const [row, state] of (head.states ?? []).entries()) {
      const text = [...(prompts[row] as number[]), ...(head.texts[row] as number[])];
      const start = initialState(model.config, 1);
      const again = read(model, start, [text], { rng: rng.split(`sequence ${row}`) });
      const want = numbers(again.state);
      for (const [part, values] of Object.entries(numbers(state))) {
        expectClose(values, want[part] as number[], { ...sameNumbers, name: `sequence ${row}, ${part}` });
      }
      const tail: number[] = [];
      const after = whole.texts[row]?.[11] as number;
      const own = {
        prompt: [after],
        state,
        maxTokens: 12,
        temperature: 0,
        rng: rng.split(`sequence ${row}`),
      };
      for await (const id of generator.generate(own)) tail.push(id);
      expect(tail).toEqual(whole.texts[row]?.slice(12));
      disposeTree([start, again, state]);
    }
  });

  it("ends a sequence after its stop token and leaves the others alone", async () => {
    const rng = createRng(6);
    const free = await collect({ prompts, maxTokens: 30, rng });
    const stopTokens = [free.texts[0]?.[7] as number];
    const { texts, states } = await collect({ prompts, maxTokens: 30, rng, stopTokens, keepState: true });
    texts.forEach((text, row) => {
      const all = free.texts[row] as number[];
      const end = all.indexOf(stopTokens[0] as number);
      expect(text).toEqual(end < 0 ? all : all.slice(0, end + 1));
      const start = initialState(model.config, 1);
      const read1 = read(model, start, [[...(prompts[row] as number[]), ...text]], {
        rng: rng.split(`sequence ${row}`),
      });
      const want = numbers(read1.state);
      for (const [part, values] of Object.entries(numbers(states?.[row] as TransformerState))) {
        expectClose(values, want[part] as number[], { ...sameNumbers, name: `sequence ${row}, ${part}` });
      }
      disposeTree([start, read1]);
    });
    disposeTree(states as readonly TransformerState[]);
  });

  it("holds no more tensors and records nothing more after 300 tokens, and nothing after an end of any kind", async () => {
    const rng = createRng(5);
    await collect({ prompts, maxTokens: 12, rng });
    const before = tf.memory().numTensors;
    const signatures = generator.signatures();
    const counts: number[] = [];
    let count = 0;
    for await (const _ of generator.generateBatch({ prompts, maxTokens: 300, rng })) {
      if (count++ > 20) counts.push(tf.memory().numTensors);
    }
    expect(count).toBe(300);
    expect(new Set(counts).size).toBe(1);
    expect(generator.signatures()).toBe(signatures);
    expect(tf.memory().numTensors).toBe(before);

    for await (const _ of generator.generateBatch({ prompts, maxTokens: 9, rng })) break;
    const controller = new AbortController();
    let seen = 0;
    for await (const _ of generator.generateBatch({
      prompts,
      maxTokens: 9,
      rng,
      signal: controller.signal,
    })) {
      if (++seen === 3) controller.abort();
    }
    expect(seen).toBe(3);
    await expect(collect({ prompts: [[1], []], maxTokens: 2, rng })).rejects.toThrow("prompts[1] must hold");
    await expect(collect({ prompts: [[1], [99]], maxTokens: 2, rng })).rejects.toThrow("got 99");
    await expect(collect({ prompts: [], maxTokens: 2, rng })).rejects.toThrow(
      "prompts must hold at least one",
    );
    await expect(collect({ prompts, maxTokens: -1, rng })).rejects.toThrow("maxTokens");
    await expect(
      collect({ prompts, maxTokens: 4, rng: failingAfter(rng, 5), keepState: true }),
    ).rejects.toThrow("enough");
    expect(tf.memory().numTensors).toBe(before);
  });

  it("reads long texts by recorded passes to the numbers of `read`", () => {
    const rng = createRng(7);
    const texts = [tokens(68, 1), tokens(68, 2)];
    const start = initialState(model.config, 2);
    const before = tf.memory().numTensors;
    const [got, want] = [generator.read(start, texts, { rng }), read(model, start, texts, { rng })];
    const own = numbers(want.state);
    for (const [part, values] of Object.entries(numbers(got.state))) {
      expectClose(values, own[part] as number[], { ...sameNumbers, name: part });
    }
    expectClose(got.logits.dataSync(), want.logits.dataSync(), sameNumbers);
    disposeTree([got, want]);
    expect(tf.memory().numTensors).toBe(before);
    const again = generator.signatures();
    disposeTree(generator.read(start, [tokens(200, 3), tokens(200, 4)], { rng }));
    expect(generator.signatures()).toBe(again);
    if (tf.getBackend() === "tensorflow") expect(again).toBeGreaterThan(0);
    disposeTree(start);
  });

  it("takes other parameters of the same configuration", async () => {
    const other = livelyModel({ longTerm: { sampling: "sticky", stickyBins: 7 } }, 6);
    const [prompt, rng] = [tokens(12, 3), createRng(2)];
    const options = { prompt, maxTokens: 15, temperature: 0, rng };
    const [first, second, want]: [number[], number[], number[]] = [[], [], []];
    for await (const id of generator.generate(options)) first.push(id);
    for await (const id of generator.generate(options, other)) second.push(id);
    for await (const id of generate(other, options)) want.push(id);
    expect(second).toEqual(want);
    expect(second).not.toEqual(first);
    disposeInfiniteFormer(other);
  });

  it("does not touch a state it was lent, of as many rows as prompts", async () => {
    const start = initialState(model.config, 2);
    const lent = read(model, start, [tokens(8, 1), tokens(8, 2)], { rng: createRng(1) });
    const before = numbers(lent.state);
    const options = {
      prompts: [tokens(9, 3), tokens(4, 4)],
      maxTokens: 14,
      temperature: 0,
      rng: createRng(1),
    };
    const { texts } = await collect({ ...options, state: lent.state });
    expect(numbers(lent.state)).toEqual(before);
    for (const [row, prompt] of options.prompts.entries()) {
      const state = takeRows(lent.state, [row]);
      const alone: number[] = [];
      const rng = options.rng.split(`sequence ${row}`);
      for await (const id of generate(model, { ...options, prompt, state, rng })) alone.push(id);
      expect(alone).toEqual(texts[row]);
      disposeTree(state);
    }
    disposeTree([start, lent]);
  });
});

/** A generator of random numbers that gives out after so many draws of its children. */
function failingAfter(rng: ReturnType<typeof createRng>, draws: number): ReturnType<typeof createRng> {
  let left = draws;
  const child = (own: ReturnType<typeof createRng>): ReturnType<typeof createRng> => ({
    ...own,
    uniform() {
      if (left-- <= 0) throw new Error("enough");
      return own.uniform();
    },
  });
  return { ...rng, split: (key) => child(rng.split(key)) };
}
