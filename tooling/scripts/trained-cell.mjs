import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { commandOfOurs } from "./command-of-ours.mjs";

/**
 * What a finished run of `infinite-former train` and `evaluate --json` say of it,
 * without what is of this machine's folders.
 *
 * @param {string} run directory of the run
 * @param {object} test what `evaluate --json` printed
 */
function resultOf(run, test) {
  const config = JSON.parse(readFileSync(join(run, "config.json"), "utf8"));
  const { format, formatVersion, vocabulary, created, command, model, ...rest } = config;
  const lines = readFileSync(join(run, "metrics.jsonl"), "utf8").trim().split("\n");
  const metrics = lines.map((line) => JSON.parse(line));
  const whole = metrics.findLast((line) => line.split === "valid" && line.evaluatedTokens === undefined);
  if (whole?.step !== config.training.steps) throw new Error(`${run}: the run has not ended`);
  const { checkpoint, data, seconds, tokensPerSecond, ...evaluated } = test;
  return {
    ...rest,
    modelSettings: { ...model, from: model.from && basename(model.from) },
    vocabularySize: vocabulary.size,
    steps: whole.step,
    seconds: whole.seconds,
    secondsPerStep: whole.seconds / whole.step,
    validationLoss: whole.loss,
    test: evaluated,
    curve: metrics
      .filter((line) => line.split === "train")
      .map(({ step, tokens, loss }) => ({ step, tokens, loss })),
  };
}

const infiniteFormer = (args, options) => commandOfOurs("apps/trainer/bin/infinite-former.js", args, options);

/** Trains a run, or goes on with it where it was stopped. */
export function train(run, settings) {
  if (existsSync(join(run, "config.json"))) infiniteFormer(["train", "--resume", run]);
  else infiniteFormer(["train", ...settings, "--out", run]);
}

/**
 * One cell of a grid of language models: trains, evaluates a split in one stream, and writes what came of it; leaves
 * it alone where the result is there already.
 *
 * @param {{
 *   model: string, path: string, run: string, split: "valid" | "test",
 *   settings: readonly string[], told?: readonly string[],
 * }} cell `settings` of `train`; `told`: the same without this machine's folders
 */
export function trainCell({ model, path, run, split, settings, told = settings }) {
  if (existsSync(path)) return;
  train(run, settings);
  const evaluation = ["--split", split, "--batch", "1", "--json"];
  const test = JSON.parse(infiniteFormer(["evaluate", run, ...evaluation], { capture: true }));
  const command = `infinite-former train ${told.join(" ")} --out DIR && infinite-former evaluate DIR ${evaluation.join(" ")}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, `${JSON.stringify({ model, command, ...resultOf(run, test) }, null, 2)}\n`);
  renameSync(`${path}.part`, path);
  console.log(`${path}: ${test.perWordPerplexity.toFixed(2)} per word`);
}
