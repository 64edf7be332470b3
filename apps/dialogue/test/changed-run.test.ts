import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createGpt2, disposeGpt2 } from "@infinite-former/gpt2";
import { saveGpt2 } from "@infinite-former/gpt2/node";
import { createRng } from "@infinite-former/random";
import {
  type CheckpointState,
  readCheckpointState,
  writeCheckpointFiles,
} from "@infinite-former/training/node";
import { beforeAll, describe, expect, it } from "vitest";
import { cli, smallData, temporaryFolder, tinyGpt2, train } from "./harness.js";
import { smallTraining } from "./small-training.js";

let data: string;
let whole: string;
beforeAll(async () => {
  data = await smallData();
  whole = join(await temporaryFolder(), "run");
  await train(smallTraining("gpt2", data, whole, { "training.steps": 2 }));
}, 60_000);

const resume = (run: string): string[] => ["train", "--data", data, "--out", run, "--resume"];
const evaluate = (run: string): string[] => ["evaluate", run, "--data", data, "--split", "train"];

/** What both that go on with a run say of it. */
async function refused(run: string): Promise<string> {
  const [first, second] = [await cli(resume(run)), await cli(evaluate(run))];
  expect([first.code, first.stdout, second.code, second.stdout]).toEqual([2, "", 2, ""]);
  const [said, also] = [first, second].map(({ stderr }) => stderr.replace(/^backend.*\n/, ""));
  expect(also).toBe(said);
  return said as string;
}

/** A copy of the run that stopped after its first step. */
async function stopped(): Promise<string> {
  const run = join(await temporaryFolder(), "run");
  await cp(whole, run, { recursive: true });
  await rm(join(run, "checkpoints/step-2"), { recursive: true });
  return run;
}

type Json = Record<string, unknown>;

async function edit(file: string, change: (json: Json) => void): Promise<void> {
  const json = JSON.parse(await readFile(file, "utf8")) as Json;
  change(json);
  await writeFile(file, JSON.stringify(json));
}

const section = (json: Json, name: string): Json => (json["config"] as Json)[name] as Json;

/** Writes a checkpoint again, whole, with something else in its state. */
async function rewrite(run: string, change: (state: CheckpointState) => object): Promise<void> {
  const path = join(run, "checkpoints/step-1");
  const { state, files } = await readCheckpointState(path);
  const bytes = await Promise.all(
    Object.keys(files).map(async (name) => [name, await readFile(join(path, name))] as const),
  );
  await writeCheckpointFiles(join(run, "checkpoints"), new Map(bytes), { ...state, ...change(state) });
}

describe("a run whose config.json is not the one that its checkpoint was trained with", () => {
  it.each<[string, string, (json: Json) => void]>([
    [
      "a rate",
      "config.training.learningRate: 0.001 → 0.03",
      (json) => (section(json, "training")["learningRate"] = 0.03),
    ],
    ["steps", "config.training.steps: 2 → 9", (json) => (section(json, "training")["steps"] = 9)],
    ["the seed", "seed: 1 → 7", (json) => (json["seed"] = 7)],
    ["layers", "config.model.layers: 1 → 2", (json) => (section(json, "model")["layers"] = 2)],
    ["the model's name", 'model: "gpt2" → "gpt2-infinite"', (json) => (json["model"] = "gpt2-infinite")],
    [
      "a setting that is gone",
      "config.data.historyTurns: null → none",
      (json) => Reflect.deleteProperty(section(json, "data"), "historyTurns"),
    ],
  ])("is refused with what differs: %s", async (_, difference, change) => {
    const run = await stopped();
    await edit(join(run, "config.json"), change);
    expect(await refused(run)).toBe(
      `dialogue: ${join(run, "checkpoints/step-1")}: was trained with another config.json:\n` +
        `  ${difference}\n  give these back their values there, or begin a new run\n`,
    );
  });

  it("is refused with all differences at once, and goes on once they are mended", async () => {
    const run = await stopped();
    const file = join(run, "config.json");
    const text = await readFile(file, "utf8");
    await edit(file, (json) => {
      section(json, "training")["clipNorm"] = 2;
      section(json, "evaluation")["topP"] = 0.5;
    });
    const said = await refused(run);
    expect(said).toContain("\n  config.training.clipNorm: 1 → 2\n  config.evaluation.topP: 0.9 → 0.5\n");
    await writeFile(file, text);
    await train(resume(run));
    const weights = "checkpoints/step-2/model.safetensors";
    expect(await readFile(join(run, weights))).toEqual(await readFile(join(whole, weights)));
  });
});

describe("a run whose tokenizer.json is not the one that it began with", () => {
  const change = (json: Json): void => void ((json["model"] as Json)["merges"] as unknown[]).pop();

  it("is refused, also where its config.json was edited to name the new one", async () => {
    const run = await stopped();
    const file = join(run, "tokenizer.json");
    await edit(file, change);
    const said = await refused(run);
    const [, before, after] = /began with \(SHA-256 (\w{64})\), got (\w{64}); put that back/.exec(said) ?? [];
    expect(said).toContain(`dialogue: ${file}: is not the one that the run began with`);
    await edit(join(run, "config.json"), (json) => {
      expect(json["tokenizerSha256"]).toBe(before);
      json["tokenizerSha256"] = after;
    });
    expect(await refused(run)).toContain(`\n  tokenizerSha256: "${before}" → "${after}"\n`);
  });
});

describe("a checkpoint", () => {
  it.each<[string, (state: CheckpointState) => object]>([
    ['random must be {"seed":1,"step":1}, got', () => ({ random: { seed: 1, step: 0 } })],
    ['data must be {"responses":2}, got', () => ({ data: { responses: 3 } })],
  ])("whose state is not that of its step is refused: %s", async (problem, change) => {
    const run = await stopped();
    await rewrite(run, change);
    const said = await refused(run);
    expect(said).toContain(`${join(run, "checkpoints/step-1/state.json")}: ${problem}`);
  });

  it("of an earlier version, which says less, is gone on with", async () => {
    const run = await stopped();
    await rewrite(run, ({ notes }) => ({ notes: { curve: (notes as Json)["curve"] } }));
    await edit(join(run, "config.json"), (json) => {
      for (const field of ["tokenizerSha256", "fromSha256"]) Reflect.deleteProperty(json, field);
    });
    expect((await cli(evaluate(run))).code).toBe(0);
    expect((await cli(resume(run))).code).toBe(0);
  });
});

describe("a run stopped before its first checkpoint", () => {
  it("is refused with every setting of its config.json that cannot be used", async () => {
    const run = await stopped();
    await rm(join(run, "checkpoints"), { recursive: true });
    const file = join(run, "config.json");
    await edit(file, (json) => {
      section(json, "training")["learningRate"] = "fast";
      Reflect.deleteProperty(section(json, "training"), "klWeight");
    });
    const { code, stdout, stderr } = await cli(resume(run));
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(
      [
        "dialogue: 2 faults",
        `  ${file}: config.training.learningRate: must be a number above 0, got "fast"`,
        `  ${file}: config.training.klWeight: must be a number of at least 0, got undefined`,
        "",
      ].join("\n"),
    );
  });

  it("begins with the files of --from that it was to begin with, and no others", async () => {
    const [from, run] = [await temporaryFolder(), join(await temporaryFolder(), "run")];
    await cp(tinyGpt2, from, { recursive: true });
    const sizes = /^model\.(layers|modelSize|heads)=/;
    const all = smallTraining("gpt2", data, run, { "training.steps": 1 });
    const args = all.filter((arg, i) => !sizes.test(arg) && !sizes.test(all[i + 1] ?? ""));
    await train([...args, "--from", from]);
    const weights = join(run, "checkpoints/step-1/model.safetensors");
    const own = await readFile(weights);
    await rm(join(run, "checkpoints"), { recursive: true });

    const source = JSON.parse(await readFile(join(from, "config.json"), "utf8"));
    const { n_positions: positions, n_embd: modelSize, n_head: heads } = source;
    const body = { vocabularySize: source.vocab_size, positions, modelSize, heads };
    const other = createGpt2({ ...body, layers: 1 }, createRng(1));
    await saveGpt2(from, other);
    disposeGpt2(other);
    const { code, stdout, stderr } = await cli(resume(run));
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(
      `${run}: was to begin with other files than ${from} holds now, by their SHA-256:\n`,
    );
    const line = String.raw`"[0-9a-f]{64}" → "[0-9a-f]{64}"\n`;
    expect(stderr).toMatch(
      new RegExp(`  config.json: ${line}  model.safetensors: ${line}  put those back there`),
    );

    await cp(tinyGpt2, from, { recursive: true });
    await train(resume(run));
    expect(await readFile(weights)).toEqual(own);
  });
});
