import { createRng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import {
  createGenerator,
  createInfiniteFormer,
  disposeInfiniteFormer,
  type GenerateOptions,
  initialState,
  type TransformerState,
} from "@infinite-former/transformer";
import { Runner } from "../../../apps/trainer/src/runner.js";
import type { Message, Workshop } from "./workshop.js";

/** Texts that cannot be written as asked: of the command line, of `generate` and of `Runner`. */
export async function wrongRequests(shop: Workshop): Promise<Message[]> {
  const say = (...args: string[]): Promise<Message> => shop.command("generate", "OLD", ...args);
  const model = createInfiniteFormer(
    {
      vocabularySize: 11,
      layers: 1,
      modelSize: 8,
      heads: 2,
      innerSize: 8,
      segmentLength: 4,
      shortTermLength: 4,
      longTerm: { basisCount: 4 },
    },
    createRng(1),
  );
  const generator = createGenerator<TransformerState, typeof model>(model);
  const ask = (shown: string, change: Partial<GenerateOptions<TransformerState>>): Promise<Message> =>
    shop.call(`generate(model, { prompt: [1, 2], maxTokens: 3, rng, ${shown} })`, async () => {
      const given = { prompt: [1, 2], maxTokens: 3, rng: createRng(1), ...change };
      for await (const _ of generator.generate(given));
    });
  const other = initialState({ ...model.config, layers: 2 }, 1, "full");
  const gone = initialState(model.config, 1);
  disposeTree(gone);
  const runner = await Runner.open(shop.path("OLD"));
  const messages = [
    await say("--temperature", "NaN"),
    await say("--temperature", "-1"),
    await say("--top-p", "0"),
    await say("--top-p", "2"),
    await say("--top-k", "-1"),
    await say("--max-tokens", "0.5"),
    await say("--max-tokens", "99999999999999999999"),
    await say("--stop", ""),
    await ask("prompt: []", { prompt: [] }),
    await ask("prompt: [-1]", { prompt: [-1] }),
    await ask("prompt: [11]", { prompt: [11] }),
    await ask("prompt: [1.5]", { prompt: [1.5] }),
    await ask("temperature: Infinity", { temperature: Infinity }),
    await ask("topP: 0", { topP: 0 }),
    await ask("topK: -1", { topK: -1 }),
    await ask("maxTokens: 0.5", { maxTokens: 0.5 }),
    await ask("state: ofAnotherModel", { state: other }),
    await ask("state: disposed", { state: gone }),
  ];
  const wrong = runner as unknown as Record<string, (options?: unknown) => AsyncGenerator>;
  for (const [method, ...options] of [
    ["generate", "{ prompt: 5, maxTokens: 6 }", { prompt: 5, maxTokens: 6 }],
    ["generate", ""],
    ["generate", '{ maxTokens: 6, stop: "x" }', { maxTokens: 6, stop: "x" }],
    ["generate", "{ maxTokens: 6, seed: 1.5 }", { maxTokens: 6, seed: 1.5 }],
    ["generateBatch", "{ maxTokens: 6 }", { maxTokens: 6 }],
  ] as const) {
    const [shown, given] = options;
    messages.push(await shop.call(`runner.${method}(${shown})`, () => wrong[method]?.(given).next()));
  }
  messages.push(
    await shop.call("runner.read(5)", () => wrong["read"]?.(5)),
    await shop.call("Runner.open()", () => (Runner.open as () => Promise<Runner>)()),
    await shop.call("runner.loadMemory(of no memory)", () => runner.loadMemory(Uint8Array.of(1, 2))),
  );
  const long = "the whale ".repeat(50);
  for (const [done, work] of [
    ["runner.read(a); runner.read(b)", () => runner.read("b")],
    ["runner.dispose() while it reads", () => runner.dispose()],
  ] as const) {
    const reading = runner.read(long);
    messages.push(await shop.call(done, work));
    await reading;
  }
  runner.dispose();
  messages.push(await shop.call("runner.read(text) after dispose", () => runner.read("b")));
  disposeTree(other);
  generator.dispose();
  disposeInfiniteFormer(model);
  return messages;
}
