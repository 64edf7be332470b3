import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { configOf, smallGpt2, train, tune } from "./gpt2-run.js";
import { cli, temporaryFolder, textFile } from "./harness.js";

const allowed = "--allow-config-change";
let folder: string;
let text: string;
let base: string;
let whole: string;
let copies = 0;

/** A copy of a fine-tuned run, without its last checkpoint or without any. */
async function stopped(kept: "step-3" | "none"): Promise<string> {
  const copy = join(folder, `copy ${copies++}`);
  await cp(whole, copy, { recursive: true });
  for (const name of await readdir(join(copy, "checkpoints"))) {
    if (name !== kept) await rm(join(copy, "checkpoints", name), { recursive: true });
  }
  return copy;
}

const resume = (run: string, ...args: string[]) =>
  cli(["train", "--resume", run, "--backend", "cpu", ...args]);

beforeAll(async () => {
  folder = await temporaryFolder();
  text = await textFile(folder);
  base = join(folder, "base");
  whole = join(folder, "whole");
  await train(base, smallGpt2(text));
  await train(whole, tune(text, base, { "model.memory": "infinite" }));
});

describe("--allow-config-change", () => {
  const ofVocabulary = ["data.tokenizer=words", "data.vocabularySize=50", "data.minimumCount=2"];
  const ofStart = ["model.from=null", "model.memoryStart=authors", "model.initializer=fan-in"];
  it.each([
    ["a checkpoint", "step-3", [...ofVocabulary, ...ofStart]],
    ["none", "none", ofVocabulary],
  ] as const)("refuses what a run with %s does not read any more", async (_, kept, settings) => {
    const run = await stopped(kept);
    const before = await readFile(join(run, "config.json"), "utf8");
    for (const setting of settings) {
      for (const flags of [[], [allowed]]) {
        const { code, stderr } = await resume(run, "--set", setting, ...flags);
        expect(code, stderr).toBe(2);
        const [path] = setting.split("=");
        expect(stderr).toMatch(new RegExp(`cannot be changed in one that has begun:\\n  ${path}: \\S+ → `));
        expect(stderr).not.toMatch(/allow-config-change/);
      }
    }
    expect(await readFile(join(run, "config.json"), "utf8")).toBe(before);
  });

  it("refuses it in an edited config.json too", async () => {
    const run = await stopped("step-3");
    const file = join(run, "config.json");
    const config = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, JSON.stringify({ ...config, model: { ...config.model, memoryStart: "authors" } }));
    const { code, stderr } = await resume(run, allowed);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain("step-3: what a run reads only where it begins cannot be changed");
    expect(stderr).toContain('  model.memoryStart: "silent" → "authors"\n');
  });

  it("lets the start be another while there is no checkpoint", async () => {
    const run = await stopped("none");
    const { code, stderr } = await resume(run, "--set", "model.memoryStart=authors", allowed);
    expect(code, stderr).toBe(0);
    const { model } = await configOf(run);
    expect(model).toMatchObject({ memoryStart: "authors" });
    const bytes = async (of: string): Promise<Buffer> =>
      readFile(join(of, "checkpoints/step-6/model.safetensors"));
    expect((await bytes(run)).equals(await bytes(whole))).toBe(false);
  });

  it("counts the steps of other passes over the text", async () => {
    const run = join(folder, "passes");
    const args = smallGpt2(text, { "training.epochs": 0.25, "training.schedule": "constant" });
    await train(run, args);
    const { corpus, training } = (await configOf(run)) as unknown as {
      corpus: { trainTokens: number };
      training: { steps: number };
    };
    const { code, stderr } = await resume(run, "--set", "training.epochs=0.5", allowed);
    expect(code, stderr).toBe(0);
    const { training: now } = await configOf(run);
    expect(now["epochs"]).toBe(0.5);
    expect(Math.abs((now["steps"] as number) - corpus.trainTokens / (2 * 8) / 2)).toBeLessThan(2);
    expect(Math.abs((now["steps"] as number) - 2 * training.steps)).toBeLessThan(2);
    expect(await readdir(join(run, "checkpoints"))).toContain(`step-${now["steps"]}`);
  });

  it("is not needed for steps in place of passes, which config.json then does not have", async () => {
    const run = join(folder, "steps");
    await train(run, smallGpt2(text, { "training.epochs": 0.25, "training.checkpointEvery": 0 }));
    const { training } = await configOf(run);
    const steps = (training["steps"] as number) + 2;
    const { code, stderr } = await resume(run, "--steps", `${steps}`);
    expect(code, stderr).toBe(0);
    expect((await configOf(run)).training).toMatchObject({ steps, epochs: null });
    await rm(join(run, `checkpoints/step-${steps}`), { recursive: true }); // the other one says passes
    expect((await resume(run)).stderr).toContain(`going on from step ${steps - 2} of ${steps}`);
  });
});
