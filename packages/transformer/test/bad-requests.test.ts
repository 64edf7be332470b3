import { createRng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { trial } from "@infinite-former/tooling-vitest/trial";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect } from "vitest";
import {
  createGenerator,
  disposeInfiniteFormer,
  type GenerateBatchOptions,
  type GenerateOptions,
  type Generator,
  type InfiniteFormer,
  initialState,
  type TransformerState,
} from "../src/index.js";
import { livelyModel, numbers, tokens } from "./model.js";

type Options = GenerateOptions<TransformerState>;

let model: InfiniteFormer;
let generator: Generator<InfiniteFormer, TransformerState>;
let before: number;
beforeEach(() => {
  before = tf.memory().numTensors;
  model = livelyModel(); // 11 tokens, segments of 5
  generator = createGenerator<TransformerState, InfiniteFormer>(model);
});
afterEach(() => {
  generator.dispose();
  disposeInfiniteFormer(model);
  expect(tf.memory().numTensors).toBe(before);
});

const asked = (change: Partial<Options> = {}): Options => ({
  prompt: tokens(12, 1),
  maxTokens: 8,
  rng: createRng(1),
  ...change,
});

async function write(change: Partial<Options> = {}, own = generator): Promise<number[]> {
  const ids: number[] = [];
  for await (const id of own.generate(asked(change))) ids.push(id);
  return ids;
}

/** What is thrown, with no tensor more or less. */
async function refusal(work: () => Promise<unknown>): Promise<{ code: unknown; message: string }> {
  const held = tf.memory().numTensors;
  const error = await work().then(
    () => ({ message: "nothing was thrown" }),
    (thrown: unknown) => thrown as Error,
  );
  expect(tf.memory().numTensors, error.message).toBe(held);
  return { code: (error as { code?: unknown }).code, message: error.message };
}

describe("the inference API", () => {
  const bad: [string, Partial<Options>, string][] = [
    ["an empty prompt", { prompt: [] }, "generate: prompt must hold at least one id, got none"],
    ["the id −1", { prompt: [1, -1] }, "generate: prompt[1] must be an integer in 0…10, got -1"],
    [
      "an id of the vocabulary's size",
      { prompt: [11] },
      "generate: prompt[0] must be an integer in 0…10, got 11",
    ],
    ["a float for an id", { prompt: [1.5] }, "generate: prompt[0] must be an integer in 0…10, got 1.5"],
    ["NaN for an id", { prompt: Float32Array.of(Number.NaN) }, "must be an integer in 0…10, got NaN"],
    [
      "a negative temperature",
      { temperature: -1 },
      "temperature must be a finite number of at least 0, got -1",
    ],
    [
      "a temperature of NaN",
      { temperature: Number.NaN },
      "temperature must be a finite number of at least 0, got NaN",
    ],
    [
      "an infinite temperature",
      { temperature: Infinity },
      "temperature must be a finite number of at least 0, got Inf",
    ],
    ["top-p 0", { topP: 0 }, "topP must be in (0, 1], got 0"],
    ["top-p 2", { topP: 2 }, "topP must be in (0, 1], got 2"],
    ["top-p NaN", { topP: Number.NaN }, "topP must be in (0, 1], got NaN"],
    ["top-k −1", { topK: -1 }, "topK must be an integer of at least 0, got -1"],
    ["half a token", { maxTokens: 0.5 }, "maxTokens must be an integer of at least 0, got 0.5"],
  ];
  for (const [fault, change, message] of bad) {
    trial({ number: 23, fault }, async () => {
      const refused = await refusal(() => write(change));
      expect(refused).toEqual({ code: "ERR_REQUEST", message: expect.stringContaining(message) });
      const batch = async () => {
        const { prompt, ...others } = asked(change);
        const prompts = [tokens(12, 2), prompt];
        for await (const _ of generator.generateBatch({
          ...others,
          prompts,
        } as GenerateBatchOptions<TransformerState>));
      };
      expect(await refusal(batch)).toMatchObject({ code: "ERR_REQUEST" });
    });
  }

  trial({ number: 23, fault: "temperature 0, top-p 1, no tokens at all" }, async () => {
    const likeliest = await write({ temperature: 0 });
    expect(likeliest).toHaveLength(8);
    expect(await write({ temperature: 0, topP: 0.01, rng: createRng(9) })).toEqual(likeliest);
    expect(await write({ temperature: 1e-30 })).toEqual(likeliest);
    expect(await write({ topK: 1, rng: createRng(9) })).toEqual(likeliest);
    expect(await write({ topP: 1 })).toEqual(await write());
    expect(await write({ maxTokens: 0 })).toEqual([]);
  });

  trial({ number: 23, fault: "a prompt of 1,000 tokens, 200 segments" }, async () => {
    const state = initialState(model.config, 1);
    let most = 0;
    const output = generator.read(state, [tokens(1000, 3)], {
      onProgress: () => {
        most = Math.max(most, tf.memory().numTensors);
      },
    });
    const held = tf.memory().numTensors;
    expect(most).toBeLessThan(held + 200);
    disposeTree([output, state]);
    expect(await write({ prompt: Int32Array.from(tokens(1000, 3)) })).toHaveLength(8);
  });

  trial(
    { number: 23, fault: "an AbortSignal in the middle of a token, and one that aborted before" },
    async () => {
      await write(); // makes what the model keeps
      const held = tf.memory().numTensors;
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 30);
      const ids = await write({ maxTokens: 1e6, signal: controller.signal });
      expect(ids.length).toBeGreaterThan(0);
      expect(ids.length).toBeLessThan(1e6);
      expect(tf.memory().numTensors).toBe(held);
      expect(await write({ signal: AbortSignal.abort() })).toEqual([]);
      const left = generator.generate(asked({ maxTokens: 1e6 }));
      await left.next();
      expect((await left.return(null)).done).toBe(true);
      expect(tf.memory().numTensors).toBe(held);
    },
  );

  trial({ number: 23, fault: "two texts at once, token by token in turn" }, async () => {
    // Anew each time: a request's generator of chance is used up with it.
    const requests = (): Options[] => [
      asked({ prompt: tokens(7, 4), maxTokens: 23 }),
      asked({ rng: createRng(6), maxTokens: 23 }),
    ];
    const alone: number[][] = [];
    for (const request of requests()) alone.push(await write(request));
    const iterators = requests().map((request) => generator.generate({ ...request, keepState: true }));
    const together: number[][] = [[], []];
    const states: TransformerState[] = [];
    while (states.length < 2) {
      for (const [index, iterator] of iterators.entries()) {
        const next = await iterator.next();
        if (!next.done) together[index]?.push(next.value);
        else if (next.value !== null) states.push(next.value);
      }
    }
    expect(together).toEqual(alone);
    expect(numbers(states[0] as TransformerState)).not.toEqual(numbers(states[1] as TransformerState));
    disposeTree(states);
    const both = await Promise.all(requests().map((request) => write(request)));
    expect(both).toEqual(alone);
  });

  trial({ number: 23, fault: "a memory of another model, or of two rows" }, async () => {
    const states: [TransformerState, RegExp][] = [
      [
        initialState({ ...model.config, layers: 3 }, 1, "full"),
        /state\.recent must hold 2 layers or none, got 3/,
      ],
      [
        initialState({ ...model.config, longTerm: { ...model.config.longTerm, basisCount: 6 } }, 1),
        /state\.longTerm\.0\.coefficients must have shape .*8.*got \[1, 6, 12\]/,
      ],
      [initialState({ ...model.config, modelSize: 6 }, 1, "full"), /state\.recent\.0 must have shape/],
      [initialState(model.config, 2), /rows/],
    ];
    for (const [state, message] of states) {
      expect(await refusal(() => write({ state }))).toEqual({
        code: "ERR_SHAPE",
        message: expect.stringMatching(message),
      });
      disposeTree(state);
    }
  });

  trial({ number: 23, fault: "disposing twice, and use after that" }, async () => {
    const own = createGenerator<TransformerState, InfiniteFormer>(model);
    const want = await write({}, own);
    own.dispose();
    own.dispose();
    expect(await write({}, own)).toEqual(want);
    own.dispose();
    const other = livelyModel({}, 8);
    disposeInfiniteFormer(other);
    disposeInfiniteFormer(other);
    const late = createGenerator<TransformerState, InfiniteFormer>(other);
    expect(await refusal(() => write({}, late))).toEqual({
      code: "ERR_REQUEST",
      message: expect.stringMatching(
        /model\.params must not have been disposed, got model\.params\.embedding/,
      ),
    });
    late.dispose();
    const state = initialState(model.config, 1);
    disposeTree(state);
    expect((await refusal(() => write({ state }))).message).toMatch(/got state\.filled that has been/);
  });
});
