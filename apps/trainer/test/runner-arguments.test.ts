import { join } from "node:path";
import { trial } from "@infinite-former/tooling-vitest/trial";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect } from "vitest";
import { Runner } from "../src/runner.js";
import { cli, smallRun, temporaryFolder, textFile } from "./harness.js";

describe("Runner, without types that are checked", () => {
  trial({ number: 23, fault: "Runner: arguments of other types", on: "cpu" }, async () => {
    const folder = await temporaryFolder();
    const run = join(folder, "run");
    const document = await textFile(folder);
    const trained = await cli(["train", "--out", run, ...smallRun(document)]);
    expect(trained.code, trained.stderr).toBe(0);
    const runner = await Runner.open(run);
    const wrong = runner as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
    const call = (method: string, ...given: unknown[]) =>
      (wrong[method] as (...all: unknown[]) => Promise<unknown>).apply(runner, given);
    const next = (method: string) => (options?: unknown) =>
      (call(method, options) as unknown as AsyncGenerator).next();
    const [generate, generateBatch] = [next("generate"), next("generateBatch")];
    const open = (...given: unknown[]): Promise<unknown> =>
      (Runner.open as (...all: unknown[]) => Promise<unknown>)(...given);
    const prompts = ["a"];
    const batch = (change: object) => () => generateBatch({ prompts, maxTokens: 6, ...change });
    const one = (change: object) => () => generate({ maxTokens: 6, prompt: "the ", ...change });
    const seed = "seed must be an integer from 0 to 9007199254740991, got";
    const cases: [() => Promise<unknown>, string][] = [
      [one({ prompt: 5 }), "generate: prompt must be a string, got 5"],
      [() => generate(), "generate: options must be an object, got none"],
      [() => generate({}), "generate: maxTokens must be an integer of at least 0, got none"],
      [one({ maxTokens: "6" }), 'generate: maxTokens must be an integer of at least 0, got "6"'],
      [one({ seed: 1.5 }), `generate: ${seed} 1.5`],
      [one({ seed: -1 }), `generate: ${seed} -1`],
      [one({ stop: "x" }), 'generate: stop must be a list of strings, got "x"'],
      [one({ stop: ["x", 5] }), "generate: stop[1] must be a string, got 5"],
      [one({ stop: ["x", ""] }), "generate: stop[1] must not be empty"],
      [one({ signal: true }), "generate: signal must be an AbortSignal, got true"],
      [() => generateBatch(null), "generateBatch: options must be an object, got null"],
      [batch({ prompts: undefined }), "generateBatch: prompts must be a list of strings, got none"],
      [batch({ prompts: "ab" }), 'generateBatch: prompts must be a list of strings, got "ab"'],
      [batch({ prompts: ["a", 5] }), "generateBatch: prompts[1] must be a string, got 5"],
      [batch({ prompts: [] }), "generateBatch: prompts must hold at least one prompt, got none"],
      [batch({ seed: 2 ** 53 }), `generateBatch: ${seed} 9007199254740992`],
      [() => call("read", 5), "read: text must be a string, got 5"],
      [() => call("read", "a", { signal: 5 }), "read: signal must be an AbortSignal, got 5"],
      [() => call("readFile"), "readFile: path must be a string, got none"],
      [() => call("readFile", document, { onProgress: 5 }), "readFile: onProgress must be a function, got 5"],
      [() => call("loadMemory", "bytes"), 'loadMemory: bytes must be a Uint8Array, got "bytes"'],
      [() => open(), "open: path must be a string, got none"],
      [() => open(run, { seed: 1.5 }), `open: ${seed} 1.5`],
      [() => open(run, { compile: 5 }), "open: compile must be a function, got 5"],
    ];
    const before = tf.memory().numTensors;
    for (const [work, said] of cases)
      await expect(work(), said).rejects.toMatchObject({ code: "ERR_REQUEST", message: `Runner.${said}` });
    expect([runner.tokens, tf.memory().numTensors]).toEqual([0, before]);
    let written = "";
    for await (const piece of runner.generate({ prompt: "the ", maxTokens: 9 })) written += piece;
    expect(written).toHaveLength(9);
    runner.dispose();
  });
});
