import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bytesTokenizer } from "./bytes-tokenizer.js";
import { bytePairs, configOf, copiedGpt2, evaluated, smallGpt2, tinyGpt2, train, tune } from "./gpt2-run.js";
import { cli, temporaryFolder, textFile } from "./harness.js";

/** How a memory is used, each setting other than the default's and the preset's. */
const use = {
  segmentLength: 6,
  ridge: 0.25,
  contraction: 0.8,
  sampleCount: 10,
  grid: "midpoints",
  sampling: "sticky",
  stickyBins: 16,
  stickyPositions: "within-bin",
  wipeAfter: 5,
  varianceFloor: 1e-3,
  priorWidth: 0.125,
  priorMean: 0.25,
};

let folder: string;
let text: string;
const at = (name: string): string => join(folder, name);
const ofModel = (settings: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(settings).map(([field, value]) => [`model.${field}`, value]));

/** Trains a run from scratch and exports it. */
async function exported(name: string, settings: Record<string, unknown>): Promise<string> {
  const own = { "training.steps": 3, "data.tokenizer": bytePairs, "model.positions": 16, ...settings };
  await train(at(name), smallGpt2(text, own));
  const { code, stderr } = await cli(["export", at(name), at(`${name} out`), "--backend", "cpu"]);
  expect(code, stderr).toBe(0);
  return at(`${name} out`);
}

/** Arguments that go on from a model with a preset, one step that changes nothing. */
function still(from: string, settings: Record<string, unknown> = {}): string[] {
  const all: Record<string, unknown> = {
    "model.from": from,
    "data.text": text,
    "training.steps": 1,
    "training.learningRate": 1e-30,
    "training.memoryLearningRate": null,
    "training.batchSize": 2,
    "training.evaluateRows": 4,
    "training.sampleLength": 0,
    ...settings,
  };
  return [
    ...["--preset", "gpt2-small-tune", "--backend", "cpu"],
    ...Object.entries(all).flatMap(([path, value]) => ["--set", `${path}=${value}`]),
  ];
}

beforeAll(async () => {
  folder = await temporaryFolder();
  text = await textFile(folder);
});

describe("a model with a memory, tuned with a preset", () => {
  const infinite = ofModel({ memory: "infinite", memoryInput: "normed", ...use });
  let out: string;
  let tuned: string;
  beforeAll(async () => {
    out = await exported("infinite", infinite);
    tuned = at("infinite tuned");
    await train(tuned, still(out));
  });

  it("keeps how its memory was used, over the preset's settings", async () => {
    expect((await configOf(tuned)).model).toMatchObject(use);
    const run = at("of a run");
    await train(run, still(at("infinite")));
    expect((await configOf(run)).model).toMatchObject(use);
  });

  it("keeps what its memory absorbs, and so answers as it did, and is exported as it came", async () => {
    expect((await configOf(tuned)).model).toMatchObject({ memoryInput: "normed" });
    expect((await evaluated(tuned)).loss).toBeCloseTo((await evaluated(at("infinite"))).loss, 6);
    const back = at("infinite back");
    expect((await cli(["export", tuned, back, "--backend", "cpu"])).code).toBe(0);
    const member = async (of: string): Promise<Record<string, unknown>> =>
      JSON.parse(await readFile(join(of, "config.json"), "utf8"));
    expect(await member(back)).toMatchObject({
      infinite_former: { longTerm: { input: "normed" }, segmentLength: 6 },
    });
    const { embd_pdrop: _, attn_pdrop: __, resid_pdrop: ___, ...rest } = await member(out);
    expect(await member(back)).toMatchObject(rest);
  });

  it("takes what is asked for over its own use, and refuses another structure", async () => {
    const run = at("asked");
    await train(run, still(out, { "model.contraction": 0.6, "model.segmentLength": 8 }));
    expect((await configOf(run)).model).toMatchObject({ ...use, contraction: 0.6, segmentLength: 8 });
    const args = still(out, { "model.memoryInput": "hidden" });
    const { code, stderr } = await cli(["train", "--out", at("never"), ...args]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('model.memoryInput: must be "normed", as in'),
    ]);
  });

  it("keeps its rows and segments where the memory is of compressed rows", async () => {
    const compressive = { memory: "compressive", compressedLength: 6, compressionRatio: 3, segmentLength: 6 };
    const from = await exported("compressive", ofModel(compressive));
    const run = at("compressive tuned");
    await train(run, still(from));
    expect((await configOf(run)).model).toMatchObject(compressive);
  });

  it("has the preset's memory where the model had none", async () => {
    const from = await exported("plain", { "model.segmentLength": 64, "model.positions": 64 });
    const run = at("plain tuned");
    await train(run, still(from, { "model.memory": "infinite" }));
    expect((await configOf(run)).model).toMatchObject({
      segmentLength: 64,
      basisCount: 64,
      sampleCount: 64,
      contraction: 0.5,
      ridge: 0.5,
    });
  });
});

describe("the tokenizer of a folder", () => {
  const own = { "training.steps": 1, "model.segmentLength": 8 };
  const tokenizerOf = async (run: string): Promise<unknown> => (await configOf(run)).data["tokenizer"];
  let from: string;
  let bytes: string;
  beforeAll(async () => {
    from = await copiedGpt2(at("with a tokenizer"));
    await cp(join(bytePairs, "tokenizer.json"), join(from, "tokenizer.json"));
    bytes = at("bytes.json");
    await writeFile(bytes, JSON.stringify(bytesTokenizer()));
  });

  it("stands above a preset's, and below what is asked for, which is told", async () => {
    const preset = ["--preset", "gpt2-small", ...tune(text, from, own)];
    const said = await train(at("of the folder"), preset);
    expect(await tokenizerOf(at("of the folder"))).toBe(from);
    expect(said).not.toContain("data.tokenizer");
    const asked = await train(at("asked for"), [...preset, "--set", `data.tokenizer=${bytes}`]);
    expect(await tokenizerOf(at("asked for"))).toBe(bytes);
    expect(asked).toContain(
      `data.tokenizer: "${bytes}" is taken in place of the tokenizer that is in ${from}\n`,
    );
    expect(asked).toContain("data.tokenizer: 77 of 334 ids stand for no token: they are never written\n");
    const file = join(from, "tokenizer.json");
    expect(await train(at("its file"), [...preset, "--set", `data.tokenizer=${file}`])).not.toContain(
      "in place of",
    );
  });

  it.each(["characters", "words"])("is not that of %s of a text", async (tokenizer) => {
    for (const [path, or] of [
      [tinyGpt2, ""],
      [from, "left out, or "],
    ] as const) {
      const args = tune(text, path, { ...own, "data.tokenizer": tokenizer });
      const { code, stderr } = await cli(["train", "--out", at("never"), ...args]);
      expect(code, stderr).toBe(2);
      expect(stderr).toContain(
        `data.tokenizer: must be ${or}the tokenizer of ${path} ("gpt2", the path of a tokenizer.json, or of the run that it was exported from), got "${tokenizer}" (--set)`,
      );
    }
  });
});

describe("settings that were asked for and change nothing", () => {
  const unread = (said: string): string[] => said.match(/^.*: not read, since .*$/gm) ?? [];

  it("are named: how a memory begins that is there already", async () => {
    const args = still(at("infinite"), { "model.memoryStart": "authors" });
    expect(unread(await train(at("begun"), args))).toEqual([
      `model.memoryStart: not read, since ${at("infinite")} has a memory already`,
    ]);
  });

  it("are named of a whole run's file where they are not what they would be without it", async () => {
    const run = at("a whole run");
    await train(run, smallGpt2(text, { "training.steps": 1, "model.ridge": 1 }));
    const args = ["--backend", "cpu", "--config", join(run, "config.json")];
    expect(unread(await train(at("like it"), args))).toEqual([
      'model.shortTermLength: not read, since model.kind is "gpt2"',
      'model.basisCount, model.sampleCount: not read, since model.memory is "none"; give --set model.memory=infinite',
    ]);
    const said = unread(await train(at("asked as well"), [...args, "--set", "model.ridge=1"]));
    expect(said[1]).toMatch(/^model\.basisCount, model\.sampleCount, model\.ridge: not read/);
  });
});
