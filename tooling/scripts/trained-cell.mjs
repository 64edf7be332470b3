import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commandOfOurs } from "./command-of-ours.mjs";
import { runResult } from "./run-result.mjs";

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
 *   path: string, run: string, split: "valid" | "test",
 *   settings: readonly string[], told?: readonly string[],
 * }} cell `settings` of `train`; `told`: the same without this machine's folders
 */
export function trainCell({ path, run, split, settings, told = settings }) {
  if (existsSync(path)) return;
  train(run, settings);
  const evaluation = ["--split", split, "--batch", "1", "--json"];
  const { model, checkpoint, data, seconds, tokensPerSecond, ...test } = JSON.parse(
    infiniteFormer(["evaluate", run, ...evaluation], { capture: true }),
  );
  const command = `infinite-former train ${told.join(" ")} --out DIR && infinite-former evaluate DIR ${evaluation.join(" ")}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, `${JSON.stringify({ model, ...runResult(run), test, command }, null, 2)}\n`);
  renameSync(`${path}.part`, path);
  console.log(`${path}: ${test.perWordPerplexity.toFixed(2)} per word`);
}
