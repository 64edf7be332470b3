import { createHash } from "node:crypto";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors, writeSafetensors } from "@infinite-former/safetensors/node";
import { beforeAll, describe, expect, it } from "vitest";
import { flipBit, hashes } from "./checkpoint-files.js";
import { bytePairs, configOf, copiedGpt2, smallGpt2, train, tune } from "./gpt2-run.js";
import { cli, temporaryFolder, textFile } from "./harness.js";

let folder: string;
let text: string;
let base: string;
let names = 0;
const at = (name: string): string => join(folder, name);
const sha256 = async (file: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
const startedFrom = async (run: string): Promise<unknown> => (await configOf(run))["startedFrom" as never];
const own = { "training.steps": 2, "training.checkpointEvery": 0 };
const resume = (run: string, ...args: string[]) =>
  cli(["train", "--resume", run, "--backend", "cpu", ...args]);

/** A run as it is where it was stopped before its first checkpoint, and what it would have come to. */
async function stoppedFrom(from: string, settings = {}): Promise<{ run: string; whole: string }> {
  const [whole, run] = [at(`whole ${names}`), at(`stopped ${names++}`)];
  await train(whole, tune(text, from, { ...own, ...settings }));
  await cp(whole, run, { recursive: true });
  await rm(join(run, "checkpoints"), { recursive: true });
  return { run, whole };
}

async function goesOn(run: string, whole: string): Promise<string> {
  const { code, stderr } = await resume(run);
  expect(code, stderr).toBe(0);
  const last = "checkpoints/step-2";
  expect(await hashes(join(run, last))).toEqual(await hashes(join(whole, last)));
  expect(await startedFrom(run)).toEqual(await startedFrom(whole));
  return stderr;
}

async function refused(run: string, ...args: string[]): Promise<string> {
  const before = await readFile(join(run, "config.json"), "utf8");
  const { code, stderr } = await resume(run, ...args);
  expect(code, stderr).toBe(2);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(await readFile(join(run, "config.json"), "utf8")).toBe(before);
  return stderr;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  text = await textFile(folder);
  base = at("base");
  await train(base, smallGpt2(text));
});

describe("a run that starts from a folder in Hugging Face layout", () => {
  const tokenizer = { "data.tokenizer": bytePairs };

  it("keeps which files it read, and takes no other ones where it is resumed before its first checkpoint", async () => {
    const from = await copiedGpt2(at("tiny"));
    const { run, whole } = await stoppedFrom(from, tokenizer);
    const files = ["config.json", "model.safetensors"];
    const digests = await Promise.all(files.map((name) => sha256(join(from, name))));
    const kept = { path: from, files: Object.fromEntries(files.map((name, i) => [name, digests[i]])) };
    expect(await startedFrom(run)).toEqual(kept);
    const weights = join(from, "model.safetensors");
    const old = await readFile(weights);
    await flipBit(weights);
    for (const args of [[], ["--allow-config-change"]]) {
      const said = await refused(run, ...args);
      expect(said).toContain(`model.from: ${from}: is not what the run began with`);
      expect(said).toContain(`  model.safetensors: "${digests[1]}" → "${await sha256(weights)}"\n`);
      expect(said).toContain("give the old model back, or begin a new run");
      expect(said).not.toContain("  config.json:");
    }
    await writeFile(weights, old);
    await goesOn(run, whole);
    await flipBit(weights); // does not matter any more
    expect((await resume(run, "--steps", "3")).stderr).toContain("going on from step 2 of 3");
    expect(await startedFrom(run)).toEqual(kept);
  });

  it("says which settings of its structure have changed since", async () => {
    const from = await copiedGpt2(at("other structure"));
    const { run } = await stoppedFrom(from, tokenizer);
    const file = join(from, "config.json");
    const config = JSON.parse(await readFile(file, "utf8"));
    const { scale_attn_by_inverse_layer_idx: byLayer, ...rest } = config;
    await writeFile(
      file,
      JSON.stringify({ ...rest, scale_attn_by_inverse_layer_idx: !byLayer, layer_norm_epsilon: 0.25 }),
    );
    const said = await refused(run);
    expect(said).toContain(`  model.scoresByLayer: ${byLayer} → ${!byLayer}\n`);
    expect(said).toContain(`  model.normEpsilon: ${config.layer_norm_epsilon} → 0.25\n`);
    await writeFile(file, JSON.stringify({ ...config, n_ctx: 5 }));
    expect(await refused(run)).toMatch(/ {2}config\.json: "\w{64}" → "\w{64}"\n/);
    await rm(from, { recursive: true });
    expect(await refused(run)).toContain(`model.from: ${from}: no such file or directory`);
  });

  it("keeps every shard", async () => {
    const from = await copiedGpt2(at("shards"));
    const whole = join(from, "model.safetensors");
    const entries = [...(await readSafetensors(whole)).tensors];
    const shards = { "a.safetensors": entries.slice(0, 9), "b.safetensors": entries.slice(9) };
    const places: [string, string][] = [];
    for (const [name, part] of Object.entries(shards)) {
      await writeSafetensors(join(from, name), part);
      places.push(...part.map(([tensor]): [string, string] => [tensor, name]));
    }
    await rm(whole);
    const index = { metadata: {}, weight_map: Object.fromEntries(places) };
    await writeFile(join(from, "model.safetensors.index.json"), JSON.stringify(index));
    const { run } = await stoppedFrom(from, tokenizer);
    const digest = await sha256(join(from, "b.safetensors"));
    expect(await startedFrom(run)).toMatchObject({
      files: { "a.safetensors": await sha256(join(from, "a.safetensors")), "b.safetensors": digest },
    });
    await flipBit(join(from, "b.safetensors"));
    const said = await refused(run);
    expect(said).toContain(`  b.safetensors: "${digest}" →`);
    expect(said).not.toContain("  a.safetensors:");
  });
});

describe("a run that starts from a run", () => {
  it("takes the checkpoint that it began with, though the other has gone on since", async () => {
    const from = at("goes on");
    await cp(base, from, { recursive: true });
    const { run, whole } = await stoppedFrom(from);
    const weights = join(from, "checkpoints/step-6/model.safetensors");
    expect(await startedFrom(run)).toEqual({
      path: from,
      step: 6,
      files: { "model.safetensors": await sha256(weights) },
    });
    expect((await cli(["inspect", run])).stdout).toContain(`started from ${from}, step 6\n`);
    expect((await resume(from, "--steps", "9", "--keep", "9")).code).toBe(0);
    await goesOn(run, whole);
    const { run: again } = await stoppedFrom(join(from, "checkpoints/step-6"));
    await rm(join(from, "checkpoints/step-6"), { recursive: true });
    for (const one of [again, await copyOf(run)]) {
      expect(await refused(one)).toMatch(/model\.from: .*step-6/);
    }
  });

  it("refuses other weights of the same step", async () => {
    const from = at("trained anew");
    await cp(base, from, { recursive: true });
    const { run } = await stoppedFrom(from);
    await rm(from, { recursive: true });
    await train(from, smallGpt2(text, { "training.seed": 5 }));
    expect(await refused(run)).toMatch(/ {2}model\.safetensors: "\w{64}" → "\w{64}"\n/);
  });

  it("names damaged checkpoints that are passed over, and keeps the step that was taken", async () => {
    const from = at("damaged");
    await cp(base, from, { recursive: true });
    await flipBit(join(from, "checkpoints/step-6/model.safetensors"));
    const run = at("from the older");
    const said = await train(run, tune(text, from, own));
    expect(said).toContain(`${join(from, "checkpoints/step-6")} is passed over: `);
    expect(await startedFrom(run)).toMatchObject({ step: 3 });
  });

  it("may be given another one while it has no checkpoint, and that is kept", async () => {
    const { run } = await stoppedFrom(base);
    const other = at("another");
    await train(other, smallGpt2(text, { "training.seed": 5 }));
    const change = ["--set", `model.from=${other}`];
    expect(await refused(run, ...change)).toContain("--allow-config-change");
    expect((await resume(run, ...change, "--allow-config-change")).code).toBe(0);
    expect(await startedFrom(run)).toMatchObject({ path: other, step: 6 });
  });

  it("says that it cannot tell where config.json keeps nothing, and refuses what it cannot read", async () => {
    const { run, whole } = await stoppedFrom(base);
    const file = join(run, "config.json");
    const { startedFrom: kept, ...old } = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, JSON.stringify({ ...old, startedFrom: { ...kept, files: null } }));
    expect(await refused(run)).toContain('"startedFrom" must tell a path');
    await writeFile(file, JSON.stringify(old));
    expect(await goesOn(run, whole)).toContain(
      `model.from: ${base}: is taken as it is now: config.json does not keep what it was`,
    );
  });
});

/** A run without the checkpoints that it has got. */
async function copyOf(run: string): Promise<string> {
  const copy = at(`copy ${names++}`);
  await cp(run, copy, { recursive: true });
  await rm(join(copy, "checkpoints"), { recursive: true });
  return copy;
}
