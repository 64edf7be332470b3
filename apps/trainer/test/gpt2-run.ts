import { cp, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { cli, smallRun } from "./harness.js";

/** A GPT-2 with 334 ids as `save_pretrained` of transformers wrote it, and its logits. */
export const fixtures: string = fileURLToPath(new URL("../../../tooling/golden/fixtures/", import.meta.url));
export const tinyGpt2: string = `${fixtures}hf_gpt2_tiny`;

/** The folder of a tokenizer of as many byte pairs as the tiny GPT-2 has ids. */
export const bytePairs: string = `${fixtures}gpt2_bpe`;

/** Kinds of memory by the name that results have, as settings. */
export const memories: readonly (readonly [name: string, settings: Record<string, unknown>])[] = [
  ["gpt2", {}],
  ["gpt2-infinite", { "model.memory": "infinite" }],
  [
    "gpt2-infinite-sticky",
    {
      "model.memory": "infinite",
      "model.sampling": "sticky",
      "model.memoryLayers": "[1]",
      "model.stickyBins": 16,
    },
  ],
  [
    "gpt2-compressive",
    { "model.memory": "compressive", "model.compressedLength": 6, "model.compressionRatio": 2 },
  ],
];

/** Arguments of a run of a very small GPT-2 on a text of one's own. */
export function smallGpt2(text: string, settings: Record<string, unknown> = {}): string[] {
  return smallRun(text, {
    "model.kind": "gpt2",
    "model.layers": 2,
    "model.activation": "gelu",
    "training.learningRate": 0.01,
    "training.minimumLearningRate": 0,
    ...settings,
  });
}

/** Arguments that go on from a model, which says its sizes itself. */
export function tune(text: string, from: string, settings: Record<string, unknown> = {}): string[] {
  const own = new Set(["model.layers", "model.modelSize", "model.heads", "model.innerSize", "model.kind"]);
  const args = smallRun(text, {
    "training.learningRate": 0.01,
    "training.minimumLearningRate": 0,
    "model.from": from,
    ...settings,
  });
  return args.filter((arg, i) => {
    const setting = arg === "--set" ? args[i + 1] : arg;
    const path = setting?.split("=")[0] ?? "";
    return !own.has(path) || path in settings;
  });
}

/** Trains, and fails with what was said where it does not end well. */
export async function train(out: string, args: readonly string[]): Promise<string> {
  const { code, stderr } = await cli(["train", "--out", out, ...args]);
  if (code !== 0) throw new Error(`train ended with ${code}: ${stderr}`);
  return stderr;
}

/** What `evaluate --json` says of a run on its own validation text. */
export async function evaluated(run: string): Promise<{ model: string; loss: number; tokens: number }> {
  const { code, stdout, stderr } = await cli(["evaluate", run, "--json", "--backend", "cpu"]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** A run's configuration. */
export async function configOf(run: string): Promise<{
  model: Record<string, unknown>;
  training: Record<string, unknown>;
  data: Record<string, unknown>;
}> {
  return JSON.parse(await readFile(`${run}/config.json`, "utf8"));
}

/** The tiny GPT-2 in a folder of its own. */
export async function copiedGpt2(folder: string): Promise<string> {
  await cp(tinyGpt2, folder, { recursive: true });
  return folder;
}
