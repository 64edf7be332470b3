import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { disposeGpt2, type Gpt2LongTermConfig } from "@infinite-former/gpt2";
import { loadGpt2, saveGpt2 } from "@infinite-former/gpt2/node";
import { createRng } from "@infinite-former/random";
import { beforeAll, describe, expect, it } from "vitest";
import { cli, smallData, temporaryFolder, tinyGpt2, train } from "./harness.js";
import { smallTraining, tinyTokenizer } from "./small-training.js";

let data: string;
let folder: string;
let run: string;
beforeAll(async () => {
  data = await smallData();
  folder = await temporaryFolder();
  run = join(folder, "run");
  await train(smallTraining("gpt2", data, run, { "training.steps": 1 }));
}, 60_000);

/** What is said of a wrong request, without what is said of the backend. */
async function refused(args: readonly string[]): Promise<string> {
  const { code, stderr, stdout } = await cli(args, folder);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).not.toMatch(/^\s+at /m);
  return stderr.replace(/^backend.*\n/, "");
}

const set = (...settings: string[]): string[] => settings.flatMap((one) => ["--set", one]);

describe("dialogue train refuses", () => {
  const begin = (...more: string[]): string[] => ["train", "--data", data, "--out", "new", ...more];

  it("a model or preset that there is not", async () => {
    expect(await refused(begin("--model", "gpt3"))).toBe(
      'dialogue: --model must be gpt2, gpt2-compressive, gpt2-infinite, gpt2-infinite-sticky, got "gpt3"\n',
    );
    expect(await refused(begin("--preset", "smal"))).toBe(
      'dialogue: --preset must be small or gpt2, got "smal"; did you mean small?\n',
    );
    expect(await refused(begin("--preset", "gpt2"))).toContain("--preset gpt2 needs --from: a folder with");
  });

  it("settings that there are not, or out of range, all at once", async () => {
    expect(await refused(begin(...set("model.layer=1", "training.step=3")))).toBe(
      "dialogue: 2 faults\n" +
        "  model.layer: gpt2-infinite-sticky has no such setting; did you mean model.layers?\n" +
        "  training.step: gpt2-infinite-sticky has no such setting; did you mean training.steps?\n",
    );
    expect(await refused(begin(...set("evaluation.topP=2", "data.responseTokens=128")))).toBe(
      "dialogue: 2 faults\n" +
        "  evaluation.topP: must be at most 1, got 2\n" +
        "  data.responseTokens: must be below model.segmentLength 128, whose last segment holds them, got 128\n",
    );
    expect(await refused(begin(...set("model.heads=3")))).toContain(
      "dialogue: model.heads: must divide modelSize 128, got 3",
    );
  });

  it("data that is not there or damaged, naming file and offset", async () => {
    expect(await refused(["train", "--data", "nowhere", "--out", "new"])).toContain(
      "nowhere must be a folder or archive",
    );
    const bytes = new TextEncoder().encode('{"date": "x", "history": [');
    const broken = await smallData({ "Conversations/train/b.json": bytes });
    const said = await refused([
      "train",
      "--data",
      broken,
      "--out",
      "new",
      ...set(`data.tokenizer=${tinyTokenizer}`),
    ]);
    expect(said).toContain(join(broken, "Conversations/train/b.json"));
    expect(said).toMatch(/line 1|offset 26|position 26/);
    expect(await refused(begin(...set("data.tokenizer=nowhere")))).toContain("nowhere");
  });

  it("weights that are not there, of a run, or of other sizes", async () => {
    expect(await refused(begin("--from", "nowhere"))).toBe(
      `dialogue: --from ${join(folder, "nowhere")}: no such file or directory\n`,
    );
    await writeFile(join(folder, "file"), "x");
    expect(await refused(begin("--from", "file"))).toContain(
      "must be a folder with config.json and model.safetensors",
    );
    const trained = await temporaryFolder();
    await writeFile(join(trained, "config.json"), '{"format":"infinite-former/run"}');
    expect(await refused(begin("--from", trained))).toContain(`infinite-former export ${trained} FOLDER`);
    expect(
      await refused(begin("--from", tinyGpt2, ...set("data.tokenizer=gpt2", "data.responseTokens=10"))),
    ).toContain(
      `data.tokenizer: gives ids from 0 to 50256, and the table of tokens of ${tinyGpt2} has 334 rows`,
    );
    const small = set("data.responseTokens=10", "model.layers=3", `data.tokenizer=${tinyTokenizer}`);
    expect(await refused(begin("--from", tinyGpt2, ...small))).toBe(
      "dialogue: model.layers: must be 2, as the weights of --from have it, or left out; got 3\n",
    );
  });

  it("settings of a memory that the weights decide", async () => {
    const saved = async (longTerm: Partial<Gpt2LongTermConfig>): Promise<string> => {
      const folder = await temporaryFolder();
      const model = await loadGpt2(tinyGpt2, { longTerm, rng: createRng(1) });
      await saveGpt2(folder, model);
      disposeGpt2(model);
      return folder;
    };
    const from = await saved({ basisCount: 8 });
    const settings = ["data.responseTokens=10", `data.tokenizer=${tinyTokenizer}`];
    const infinite = ["train", "--data", data, "--model", "gpt2-infinite", "--from", from, "--out", "new"];
    const other = set(...settings, "model.longTerm.basisCount=16", "model.longTerm.gate=false");
    expect(await refused([...infinite, ...other])).toBe(
      [
        "dialogue: 2 faults",
        "  model.longTerm.basisCount: must be 8, as the weights of --from have it, or left out; got 16",
        "  model.longTerm.gate: must be true, as the weights of --from have it, or left out; got false",
        "",
      ].join("\n"),
    );
    const alike = set(
      ...settings,
      "model.longTerm.basis=rectangular",
      "model.longTerm.input=normed",
      "model.longTerm.density=laplace",
      "model.longTerm.basisWidths=0.1,0.2",
    );
    const must = (value: string): string => `must be ${value}, as the weights of --from have it, or left out`;
    expect(await refused([...infinite, ...alike])).toBe(
      [
        "dialogue: 4 faults",
        `  model.longTerm.basis: ${must('"gaussian"')}; got "rectangular"`,
        `  model.longTerm.density: ${must('"gaussian"')}; got "laplace"`,
        `  model.longTerm.basisWidths: ${must("[0.005,0.01]")}; got [0.1,0.2]`,
        `  model.longTerm.input: ${must('"hidden"')}; got "normed"`,
        "",
      ].join("\n"),
    );
    const waves = await saved({ basisCount: 8, basis: "fourier" });
    const ofWaves = ["train", "--data", data, "--model", "gpt2-infinite", "--from", waves, "--out", "new"];
    expect(await refused([...ofWaves, ...set(...settings, "model.longTerm.basisPeriod=3")])).toMatch(
      /^dialogue: model\.longTerm\.basisPeriod: must be [\d.]+, as the weights of --from have it, or left out; got 3\n$/,
    );
  });

  it("to begin a run anew of which every checkpoint is damaged", async () => {
    const damaged = join(folder, "damaged");
    await cp(run, damaged, { recursive: true });
    await writeFile(join(damaged, "checkpoints/step-1/model.safetensors"), "x");
    expect(await refused(["train", "--data", data, "--out", damaged, "--resume"])).toContain(
      `${damaged}: has no whole checkpoint to go on from; remove ${join(damaged, "checkpoints")}, and --resume begins it anew`,
    );
  });

  it("a folder that is taken, and one with nothing to go on with", async () => {
    const small = smallTraining("gpt2", data, run);
    expect(await refused(small)).toContain("holds a run already; go on with --resume, or give another --out");
    expect(await refused(["train", "--data", data, "--out", "none", "--resume"])).toContain(
      "holds no run to go on with",
    );
    expect(await refused(["train", "--data", data, "--out", run, "--resume", "--steps", "9"])).toBe(
      "dialogue: --resume goes on with the run's own settings; leave out --steps\n",
    );
    expect(await refused(["train", "--data", data, "--out", run, "--resume", "--seed", "4"])).toContain(
      "has --seed 1, got --seed 4",
    );
    const other = await smallData({ "README.md": undefined, "Conversations/test/e.json": undefined });
    expect((await cli(["train", "--data", other, "--out", run, "--resume"])).code).toBe(0);
    const { smallConversation } = await import("../../../packages/datasets/test/small-dialogues.js");
    const more = await smallData({ "Conversations/test/e.json": smallConversation(0) });
    expect(await refused(["train", "--data", more, "--out", run, "--resume"])).toContain(
      "was trained on other data",
    );
  });
});

describe("dialogue evaluate refuses", () => {
  it("what is no run, a split that there is not, and a damaged run", async () => {
    expect(await refused(["evaluate", "nowhere", "--data", data])).toContain(
      "no such file or directory; is it the folder of a run?",
    );
    expect(await refused(["evaluate", run, "--data", data, "--split", "all"])).toContain(
      "Allowed choices are train, valid, test",
    );
    const evaluated = ["evaluate", run, "--data", data, "--out"];
    expect(await refused([...evaluated, folder])).toContain(
      `--out ${folder}: cannot be written: is a folder`,
    );
    expect(await refused([...evaluated, join(folder, "none", "x.json")])).toContain(
      "x.json: cannot be written: no such file or directory",
    );
    const damaged = await temporaryFolder();
    await writeFile(
      join(damaged, "config.json"),
      '{"format":"infinite-former/dialogue-run","formatVersion":2}',
    );
    expect(await refused(["evaluate", damaged, "--data", data])).toContain(
      "this version reads format version 1",
    );
    await writeFile(join(damaged, "config.json"), "{");
    expect(await refused(["evaluate", damaged, "--data", data])).toContain("cannot be parsed");
  });
});
