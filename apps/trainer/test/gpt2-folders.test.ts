import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { activateBackend } from "@infinite-former/backend";
import { encode } from "@infinite-former/datasets";
import { readTokenizer } from "@infinite-former/datasets/node";
import { disposeGpt2, type Gpt2, gpt2, initialState } from "@infinite-former/gpt2";
import { loadGpt2 } from "@infinite-former/gpt2/node";
import { type SafetensorsTensor, toFloat32 } from "@infinite-former/safetensors";
import { readSafetensors, writeSafetensors } from "@infinite-former/safetensors/node";
import { registerGradients } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { trial } from "@infinite-former/tooling-vitest/trial";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { findPython, runPython } from "../../../packages/safetensors/test/python.js";
import { configOf, copiedGpt2, fixtures, memories, smallGpt2, tinyGpt2, train, tune } from "./gpt2-run.js";
import { cli, smallText, temporaryFolder, textFile } from "./harness.js";

let folder: string;
let text: string;
let ids: number[][];
let want: Float32Array;
/** One step that changes nothing, on the 25 characters of a run. */
let still: Readonly<Record<string, unknown>>;
beforeAll(async () => {
  await activateBackend("cpu");
  registerGradients();
  folder = await temporaryFolder();
  text = await textFile(folder);
  const characters = join(folder, "characters");
  await train(characters, smallGpt2(text, { "training.steps": 1 }));
  still = { "training.steps": 1, "training.learningRate": 1e-30, "data.tokenizer": characters };
  const { tensors } = await readSafetensors(`${fixtures}hf_gpt2_tiny.safetensors`);
  const { shape, data } = tensors.get("ids") as SafetensorsTensor;
  const flat = Array.from(data as ArrayLike<number | bigint>, Number);
  const [rows = 0, count = 0] = shape;
  ids = Array.from({ length: rows }, (_, row) => flat.slice(row * count, (row + 1) * count));
  want = toFloat32(tensors.get("logits") as SafetensorsTensor);
});

const refused = async (...args: string[]): Promise<string> => {
  const { code, stderr } = await cli(["train", "--out", join(folder, "never"), ...args]);
  expect(code, stderr).toBe(2);
  expect(stderr).not.toMatch(/^\s+at /m);
  return stderr;
};
const copied = (name: string): Promise<string> => copiedGpt2(join(folder, name));

function logitsOf(model: Gpt2, rows: readonly (readonly number[])[]): Float32Array {
  return tf.tidy(() => {
    const tokens = tf.tensor2d(rows.flat(), [rows.length, rows[0]?.length ?? 0], "int32");
    return (
      gpt2(model, initialState(model.config, rows.length), tokens).logits as tf.Tensor
    ).dataSync() as Float32Array;
  });
}

describe("a GPT-2 in Hugging Face layout", () => {
  it("is fine-tuned from, and exported as it came: the same weights, the logits of transformers", async () => {
    const [run, out] = [join(folder, "tiny run"), join(folder, "tiny out")];
    await train(run, tune(text, tinyGpt2, still));
    expect((await configOf(run)).model).toMatchObject({
      kind: "gpt2",
      layers: 2,
      modelSize: 24,
      heads: 3,
      innerSize: 96,
      positions: 32,
      tokenRows: 334,
      activation: "gelu",
      tiedOutput: true,
    });
    const { code, stdout, stderr } = await cli(["export", run, out, "--backend", "cpu", "--json"]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).files).toEqual(["config.json", "model.safetensors"]);
    expect(stderr).toContain("no tokenizer.json: the model's vocabulary is not of byte pairs");
    const [before, after] = [
      (await readSafetensors(join(tinyGpt2, "model.safetensors"))).tensors,
      (await readSafetensors(join(out, "model.safetensors"))).tensors,
    ];
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    for (const [name, tensor] of before) {
      expect(Array.from(after.get(name)?.data as Float32Array), name).toEqual(
        Array.from(tensor.data as Float32Array),
      );
    }
    const model = await loadGpt2(out, { segmentLength: 32 });
    expectClose(logitsOf(model, ids), want, { abs: 1e-5, rel: 1e-5 });
    disposeGpt2(model);
    expect((await cli(["export", run, out, "--backend", "cpu"])).stderr).toContain(`${out}: is not empty`);
  });

  it("is inspected as it lies there", async () => {
    const { code, stdout } = await cli(["inspect", tinyGpt2, "--json"]);
    const { kind, parameters, tensors } = JSON.parse(stdout);
    expect([code, kind, tensors.length]).toEqual([0, "safetensors", 28]);
    expect(parameters).toBe(334 * 24 + 32 * 24 + 2 * (12 * 24 * 24 + 13 * 24) + 2 * 24);
    const run = await cli(["inspect", join(folder, "tiny run")]);
    expect(run.stdout).toMatch(/^data: .* \d+ characters to train, \d+ to validate;/m);
  });

  it("is said to have no memory where settings of one were asked for", async () => {
    const { code, stderr } = await cli([
      ...["train", "--out", join(folder, "unread"), "--backend", "cpu"],
      ...tune(text, tinyGpt2, { ...still, "model.sampling": "sticky" }),
    ]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(
      'model.basisCount, model.sampleCount, model.sampling: not read, since model.memory is "none"; give --set model.memory=infinite\n',
    );
  });

  it("names the segment where the model has fewer positions", async () => {
    expect(await refused(...tune(text, tinyGpt2, { ...still, "model.segmentLength": 64 }))).toContain(
      `model.positions: are 32 in ${tinyGpt2}, and model.segmentLength is 64: give --set model.segmentLength=32 or less`,
    );
  });

  it("writes none of the rows of its table that stand for no token", async () => {
    const run = join(folder, "tiny run");
    const { code, stdout, stderr } = await cli([
      ...["generate", run, "--backend", "cpu", "--prompt", "the ", "--seed", "3"],
      ...["--temperature", "5", "--max-tokens", "200"], // 25 characters of 334 rows, all as likely
    ]);
    expect(code, stderr).toBe(0);
    expect([...stdout.trimEnd()].length).toBeGreaterThan(150);
  });

  it("says at once which settings contradict it", async () => {
    const said = await refused(
      ...tune(text, tinyGpt2, {
        ...still,
        "model.layers": 4,
        "model.heads": 5,
        "model.kind": "transformer-xl",
      }),
    );
    for (const line of [
      'model.kind: must be "gpt2", as in',
      "model.layers: must be 2, as in",
      "model.heads: must be 3, as in",
    ]) {
      expect(said).toContain(line);
    }
  });

  it("asks for a tokenizer where it has none, and refuses one with other ids", async () => {
    const { "data.tokenizer": _, ...own } = still;
    expect(await refused(...tune(text, tinyGpt2, own))).toContain(
      `data.tokenizer: must be given: ${tinyGpt2} holds no tokenizer.json`,
    );
    expect(await refused(...tune(text, tinyGpt2, { ...own, "data.tokenizer": "gpt2" }))).toContain(
      "data.tokenizer: gives ids from 0 to 50256, and the model's table of tokens has 334 rows",
    );
  });

  trial({ number: 22, fault: "training from folders that hold no GPT-2, or a damaged one" }, async () => {
    const from = (path: string): Promise<string> => refused(...tune(text, path, still));
    expect(await from(join(folder, "nowhere"))).toMatch(/model\.from: .*nowhere: no such file or directory/);
    expect(await from(text)).toMatch(/model\.from: .*must be a folder with config\.json/);
    const empty = join(folder, "empty");
    await mkdir(empty);
    expect(await from(empty)).toContain(`model.from: ${empty} must hold config.json, got none`);
    const pickled = await copied("pickled");
    await rename(join(pickled, "model.safetensors"), join(pickled, "pytorch_model.bin"));
    expect(await from(pickled)).toMatch(
      /pytorch_model\.bin is not read, since such files can run code: convert it/,
    );
    const damaged = await copied("damaged");
    const path = join(damaged, "model.safetensors");
    const { tensors } = await readSafetensors(path);
    const own = new Map(tensors);
    own.delete("transformer.ln_f.bias");
    own.set("transformer.h.7.ln_1.bias", tensors.get("transformer.ln_f.weight") as SafetensorsTensor);
    const c_fc = tensors.get("transformer.h.0.mlp.c_fc.weight") as SafetensorsTensor;
    own.set("transformer.h.0.mlp.c_fc.weight", { ...c_fc, shape: [96, 24] });
    await writeSafetensors(path, own);
    const said = await from(damaged);
    for (const line of [
      "missing: transformer.ln_f.bias",
      "unexpected: transformer.h.7.ln_1.bias",
      "misfit: transformer.h.0.mlp.c_fc.weight must be F32, F16, BF16, F64 [24, 96], got F32 [96, 24]",
    ]) {
      expect(said).toContain(line);
    }
    const other = await copied("other");
    await writeFile(join(other, "config.json"), JSON.stringify({ model_type: "bert" }));
    expect(await from(other)).toContain('model_type must be "gpt2", got "bert"');
    const run = join(folder, "no gpt2");
    await train(
      run,
      tune(text, tinyGpt2, { "model.kind": "transformer-xl", "training.steps": 1 }).filter(
        (arg, i, all) => !/model\.from/.test(arg) && !/model\.from/.test(all[i + 1] ?? ""),
      ),
    );
    expect(await from(run)).toContain('must be a GPT-2, got a model of the kind "transformer-xl"');
  });

  it("is needed by the presets of fine-tuning, which say so", async () => {
    for (const preset of ["gpt2-small-tune", "gpt2-wikitext-103"]) {
      expect(await refused("--preset", preset, "--backend", "cpu")).toContain(
        `model.from: must be given for the preset ${preset}: `,
      );
    }
    const both = await refused("--preset", "gpt2-pg19", "--backend", "cpu");
    expect(both).toContain("model.from: must be given");
    expect(both).toContain("data.text: must be given for the preset gpt2-pg19: a folder with PG-19's");
  });
});

describe.each(memories)("export of %s", (name, memory) => {
  const run = (): string => join(folder, `run of ${name}`);
  const out = (): string => join(folder, `out of ${name}`);
  beforeAll(async () => {
    const tokenizer = `${fixtures}gpt2_bpe`;
    await train(run(), smallGpt2(text, { ...memory, "data.tokenizer": tokenizer, "training.steps": 3 }));
    const { code, stderr } = await cli(["export", run(), out(), "--backend", "cpu"]);
    expect(code, stderr).toBe(0);
  });

  it("is read again whole, memory and tokenizer too", async () => {
    const again = join(folder, `again ${name}`);
    const { "data.tokenizer": _, ...own } = still;
    await train(again, tune(text, out(), own));
    const back = join(folder, `back ${name}`);
    await cli(["export", again, back, "--backend", "cpu"]);
    for (const file of ["tokenizer.json", "model.safetensors"]) {
      expect((await readFile(join(back, file))).equals(await readFile(join(out(), file))), file).toBe(true);
    }
    expect(JSON.parse(await readFile(join(back, "config.json"), "utf8"))).toEqual(
      JSON.parse(await readFile(join(out(), "config.json"), "utf8")),
    );
  });
});

describe("what is exported", () => {
  const outs = (): string[] => memories.map(([name]) => join(folder, `out of ${name}`));

  it("is read by transformers: the same ids, and of a first segment the same logits", {
    timeout: 600_000,
  }, async ({ skip }) => {
    const found = findPython(["transformers", "torch"]);
    if ("missing" in found) return skip(found.missing);
    const rows = [0, 1].map((row) => Array.from({ length: 8 }, (_, i) => (37 * i + 101 * row) % 300));
    const script = `
import sys, json, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
rows = torch.tensor(json.loads(sys.argv[1]))
def read(path):
    model = AutoModelForCausalLM.from_pretrained(path).eval()
    ids = AutoTokenizer.from_pretrained(path)(sys.argv[2])["input_ids"]
    with torch.no_grad(): return {"logits": model(rows).logits.flatten().tolist(), "ids": ids}
print(json.dumps([read(path) for path in sys.argv[3:]]))`;
    const words = smallText.slice(0, 300);
    const theirs = runPython(found.command, script, [JSON.stringify(rows), words, ...outs()]) as {
      logits: number[];
      ids: number[];
    }[];
    for (const [index, path] of outs().entries()) {
      const model = await loadGpt2(path);
      expectClose(logitsOf(model, rows), theirs[index]?.logits as number[], {
        abs: 1e-5,
        rel: 1e-5,
        name: path,
      });
      expect(Array.from(encode(await readTokenizer(path), words).ids)).toEqual(theirs[index]?.ids);
      disposeGpt2(model);
    }
  });

  it("refuses what is no GPT-2", async () => {
    const run = join(folder, "no gpt2");
    const { code, stderr } = await cli(["export", run, join(folder, "none"), "--backend", "cpu"]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'only a GPT-2 has a Hugging Face layout, got a model of the kind "transformer-xl"',
    );
  });
});
