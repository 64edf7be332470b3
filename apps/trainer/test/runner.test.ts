import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startScript } from "@infinite-former/tooling-vitest/script";
import { trial } from "@infinite-former/tooling-vitest/trial";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Runner } from "../src/runner.js";
import type { RunnerGenerateOptions } from "../src/runner-options.js";
import { cli, smallRun, smallText, temporaryFolder, textFile } from "./harness.js";

async function text(pieces: AsyncIterable<string>): Promise<string> {
  let all = "";
  for await (const piece of pieces) all += piece;
  return all;
}

async function texts(pieces: AsyncIterable<readonly string[]>, count: number): Promise<string[]> {
  const all = Array.from({ length: count }, () => "");
  for await (const told of pieces) for (const [row, piece] of told.entries()) all[row] += piece;
  return all;
}

const longText = smallText.slice(0, 300).repeat(3);
const greedy = { prompt: "the whale ", maxTokens: 15, temperature: 0 };

describe.each(["uniform", "sticky"])("Runner, with %s memories", (sampling) => {
  let folder = "";
  let run = "";
  let document = "";
  let runner: Runner;

  beforeAll(async () => {
    folder = await temporaryFolder();
    run = join(folder, "run");
    const settings = { "model.sampling": sampling, "training.steps": 30, "training.learningRate": 0.02 };
    const trained = await cli(["train", "--out", run, ...smallRun(await textFile(folder), settings)]);
    expect(trained.code, trained.stderr).toBe(0);
    document = await textFile(folder, longText, "document.txt");
  });
  beforeEach(async () => {
    runner = await Runner.open(run, { seed: 4 });
  });
  afterEach(() => runner.dispose());

  it("writes the same from a file as from its text, and as the command line", async () => {
    await runner.readFile(document);
    const fromFile = await text(runner.generate(greedy));
    expect(fromFile).toHaveLength(15);
    expect(runner.tokens).toBe(longText.length + 10 + 15);
    runner.forget();
    expect(runner.tokens).toBe(0);
    await runner.read(longText);
    expect(await text(runner.generate(greedy))).toBe(fromFile);
    const how = ["--prompt", greedy.prompt, "--max-tokens", "15", "--temperature", "0", "--seed", "4"];
    const { stdout, stderr, code } = await cli([
      "generate",
      run,
      "--read",
      document,
      ...how,
      "--backend",
      "cpu",
    ]);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(`${fromFile}\n`);
  });

  it("goes on from a saved memory as if it had never stopped", async () => {
    await runner.readFile(document);
    const first = await text(runner.generate(greedy));
    const bytes = await runner.saveMemory();
    const second = await text(runner.generate(greedy));
    const third = await text(runner.generate({ ...greedy, prompt: "" }));
    const other = await Runner.open(run, { seed: 4 });
    expect(await other.loadMemory(bytes)).toEqual({ sameWeights: true });
    expect(other.tokens).toBe(longText.length + 25);
    expect(await text(other.generate(greedy))).toBe(second);
    const between = await other.saveMemory();
    expect(await text(other.generate({ ...greedy, prompt: "" }))).toBe(third);
    await other.loadMemory(between);
    expect(await text(other.generate({ ...greedy, prompt: "" }))).toBe(third);
    other.forget();
    await other.readFile(document);
    expect(await text(other.generate(greedy))).toBe(first);
    other.dispose();
  });

  it("writes a text in parts as in one, prompt or none", async () => {
    await runner.readFile(document);
    const whole = await text(runner.generate({ ...greedy, maxTokens: 22 }));
    runner.forget();
    await runner.readFile(document);
    let parts = await text(runner.generate({ ...greedy, maxTokens: 9 }));
    parts += await text(runner.generate({ maxTokens: 0 }));
    parts += await text(runner.generate({ maxTokens: 6, temperature: 0 }));
    await runner.saveMemory();
    parts += await text(runner.generate({ maxTokens: 7, temperature: 0 }));
    expect(parts).toBe(whole);
    expect(runner.tokens).toBe(longText.length + 10 + 22);
  });

  it("writes equal texts of equal seeds, and ends before a stop string", async () => {
    const write = async (more: Partial<RunnerGenerateOptions>): Promise<string> => {
      runner.forget();
      return text(runner.generate({ prompt: "the ", maxTokens: 60, ...more }));
    };
    const whole = await write({ seed: 1 });
    expect(await write({ seed: 1 })).toBe(whole);
    expect(await write({ seed: 2 })).not.toBe(whole);
    const stop = whole.slice(20, 23);
    expect(await write({ seed: 1, stop: [stop, "never met"] })).toBe(whole.slice(0, whole.indexOf(stop)));
  });

  it("keeps what it read when a text is left early, and is as it was but for the prompt", async () => {
    await runner.readFile(document);
    for await (const _ of runner.generate(greedy)) break;
    const again = await text(runner.generate({ ...greedy, prompt: "" }));
    runner.forget();
    await runner.readFile(document);
    expect(await text(runner.generate(greedy))).toBe(again);
  });

  it("ends at an abort with what was written, and can go on", async () => {
    const abort = new AbortController();
    let written = "";
    for await (const piece of runner.generate({ ...greedy, signal: abort.signal })) {
      written += piece;
      if (written.length === 7) abort.abort();
    }
    expect(written).toHaveLength(7);
    expect(runner.tokens).toBe(10 + 7);
    await runner.readFile(document, { signal: AbortSignal.abort() });
    expect(await text(runner.generate(greedy))).toHaveLength(15);
  });

  it("reads nothing where it is aborted before, and keeps and counts what it read until an abort", async () => {
    const aborted = { signal: AbortSignal.abort() };
    await runner.readFile(document, aborted);
    await runner.read(longText, aborted);
    await text(runner.generate({ ...greedy, ...aborted }));
    expect([runner.tokens, runner.unknown]).toEqual([0, 0]);
    const abort = new AbortController();
    const reading = runner.read(`Ω${longText}Ω`, { signal: abort.signal });
    setImmediate(() => abort.abort());
    await reading;
    // Eight segments of eight were read before it was looked at, and as many wait.
    expect([runner.tokens, runner.unknown]).toEqual([128, 1]);
    const written = await text(runner.generate(greedy));
    runner.forget();
    await runner.read(`Ω${longText}`.slice(0, 128));
    expect(await text(runner.generate(greedy))).toBe(written);
  });

  it("writes several texts at once from one memory, which stays as it was", async () => {
    await runner.readFile(document);
    const memory = await runner.saveMemory();
    runner.forget();
    await runner.readFile(document); // some of it waits now to be read in one piece
    const prompts = ["the whale ", "", "a captain saw the sea and the long "];
    const { prompt: _, ...how } = greedy;
    const together = await texts(runner.generateBatch({ ...how, prompts }), 3);
    expect(await runner.saveMemory()).toEqual(memory);
    for (const [index, prompt] of prompts.entries()) {
      const [row] = await texts(
        runner.generateBatch({ ...how, prompts: [...prompts.slice(0, index), prompt] }),
        index + 1,
      ).then((all) => all.slice(-1));
      expect(row).toBe(together[index]);
      await runner.loadMemory(memory);
      const alone = await text(runner.generate({ ...greedy, prompt }));
      // Sticky memories draw from a generator of the text's own, which differs between the two.
      if (sampling === "uniform") expect(alone).toBe(together[index]);
      expect(together[index]).toHaveLength(15);
      await runner.loadMemory(memory);
    }
    const chance = { prompts: ["the ", "the ", "the "], maxTokens: 30, seed: 6 };
    const drawn = await texts(runner.generateBatch(chance), 3);
    expect(new Set(drawn).size).toBe(3);
    expect(await texts(runner.generateBatch(chance), 3)).toEqual(drawn);
    const stop = (drawn[1] as string).slice(8, 11);
    const cut = drawn.map((one) => (one.includes(stop) ? one.slice(0, one.indexOf(stop)) : one));
    expect(await texts(runner.generateBatch({ ...chance, stop: [stop] }), 3)).toEqual(cut);
    const abort = new AbortController();
    let pieces = 0;
    for await (const _told of runner.generateBatch({ ...chance, signal: abort.signal }))
      if (++pieces === 4) abort.abort();
    expect(pieces).toBe(4);
    expect(await runner.saveMemory()).toEqual(memory);
  });

  it("writes several texts on the command line, each under its number", async () => {
    const how = [
      "--prompt",
      "the ",
      "--max-tokens",
      "9",
      "--seed",
      "4",
      "--samples",
      "2",
      "--backend",
      "cpu",
    ];
    const { stdout, stderr, code } = await cli(["generate", run, ...how]);
    expect(code, stderr).toBe(0);
    await runner.read("the ");
    const both = await texts(
      runner.generateBatch({ prompts: ["", ""], maxTokens: 9, seed: 4, temperature: 0.8 }),
      2,
    );
    expect(stdout).toBe(`== 1 of 2\n${both[0]}\n== 2 of 2\n${both[1]}\n`);
    const refused = await cli(["generate", run, ...how, "--save-memory", join(folder, "m.safetensors")]);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--save-memory: keeps the memory of one text"),
    });
  });

  const misuse = `Runner (${sampling}): two calls at once, bad options, use after its end`;
  trial({ number: 23, fault: misuse, on: "cpu" }, async () => {
    const reading = runner.readFile(document);
    await expect(runner.read("more")).rejects.toMatchObject({
      code: "ERR_RUNNER",
      message: expect.stringContaining("Runner.read: another call has not ended yet"),
    });
    expect(() => runner.dispose()).toThrow(/a call has not ended/);
    await reading;
    await expect(runner.generate({ maxTokens: 1.5 }).next()).rejects.toMatchObject({
      code: "ERR_REQUEST",
      message: expect.stringContaining("maxTokens must be an integer"),
    });
    await expect(runner.generate({ maxTokens: 1, topP: 2 }).next()).rejects.toThrow(/topP/);
    await expect(runner.generate({ maxTokens: 1, stop: [""] }).next()).rejects.toThrow(
      /stop\[0\] must not be empty/,
    );
    await expect(runner.loadMemory(Uint8Array.of(1, 2))).rejects.toThrow(
      /^Runner.loadMemory: memory: is not a memory file: file must have/,
    );
    expect(runner.tokens).toBe(longText.length);
    runner.dispose();
    runner.dispose();
    await expect(runner.read("x")).rejects.toMatchObject({
      code: "ERR_RUNNER",
      message: expect.stringContaining("has been disposed"),
    });
  });

  it("says where a document is no text, and is empty then", async () => {
    await runner.read("the ship");
    const bad = join(folder, "bad.txt");
    await writeFile(bad, Buffer.concat([Buffer.from(smallText), Buffer.of(0xff)]));
    await expect(runner.readFile(bad)).rejects.toMatchObject({
      code: "ERR_DATASET",
      offset: smallText.length,
    });
    expect(runner.tokens).toBe(0);
    expect(await text(runner.generate(greedy))).toHaveLength(15);
  });

  trial({ number: 23, fault: `Runner (${sampling}): texts that end in every way`, on: "cpu" }, async () => {
    const before = tf.memory().numTensors;
    const own = await Runner.open(run);
    await own.readFile(document);
    await text(own.generate(greedy));
    const held = tf.memory().numTensors;
    await own.loadMemory(await own.saveMemory());
    for await (const _ of own.generate(greedy)) break;
    await text(own.generate({ ...greedy, stop: ["e"] }));
    await own.generate({ ...greedy, signal: AbortSignal.abort() }).next();
    for await (const _ of own.generateBatch({ prompts: ["a", "the "], maxTokens: 5 })) break;
    await texts(own.generateBatch({ prompts: ["a", "the "], maxTokens: 5 }), 2);
    await expect(own.generateBatch({ prompts: [], maxTokens: 5 }).next()).rejects.toThrow(
      /prompts must hold/,
    );
    await text(own.generate(greedy));
    expect(tf.memory().numTensors).toBeLessThanOrEqual(held + 8); // rows of an unfinished segment come and go
    own.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("the README's example of Runner", () => {
  it("runs as it stands, with paths of its own", async () => {
    const folder = await temporaryFolder();
    const library = await textFile(folder, longText, "library.txt");
    const run = join(folder, "run");
    await cli(["train", "--out", run, ...smallRun(library)]);
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code as string);
    const code = blocks.find((block) => block.includes("Runner.open"))?.replace("runs/moby-dick", run) ?? "";
    // Within the package, where its own name and its dependencies are found; git ignores it.
    const folderWithin = new URL("../test-results/", import.meta.url);
    await mkdir(folderWithin, { recursive: true });
    const script = new URL("readme-runner.mts", folderWithin);
    await writeFile(script, code.replace("library.txt", library));
    const ended = await startScript(script, [], { INFINITE_FORMER_BACKEND: "cpu" }).ended;
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout.length).toBeGreaterThan(20);
  });
});
