import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { commandOfOurs } from "./command-of-ours.mjs";
import { root } from "./pnpm.mjs";

// `node tooling/scripts/dialogue-grid.mjs [--models LIST] [--seeds LIST] [--steps N] [--limit N] [--runs DIR]`: trains
// the models of the preset `small` on CMU-DoG (cmu-dog.tar.gz in INFINITE_FORMER_DATA, or in shared/data beside the
// repository), evaluates each on the test split, and writes results/dialogue/MODEL-SEED.json as each is done. What is
// there already is left alone; a run that was stopped goes on. The table: dialogue-table.mjs.
const { values } = parseArgs({
  options: {
    models: { type: "string", default: "gpt2,gpt2-compressive,gpt2-infinite,gpt2-infinite-sticky" },
    seeds: { type: "string", default: "1" },
    steps: { type: "string" },
    limit: { type: "string", default: "400" },
    runs: { type: "string", default: join(root, "runs/dialogue") },
  },
});
const results = join(root, "results/dialogue");
const dialogue = (...args) => commandOfOurs("apps/dialogue/bin/dialogue.js", args);

mkdirSync(results, { recursive: true });
for (const seed of values.seeds.split(",")) {
  for (const model of values.models.split(",")) {
    const path = join(results, `${model}-${seed}.json`);
    if (existsSync(path)) continue;
    const run = join(values.runs, `${model}-${seed}`);
    const steps = values.steps === undefined ? [] : ["--steps", values.steps];
    const begun = existsSync(join(run, "config.json"));
    dialogue("train", "--out", run, ...(begun ? ["--resume"] : ["--model", model, "--seed", seed, ...steps]));
    dialogue("evaluate", run, "--limit", values.limit, "--out", `${path}.part`);
    const result = JSON.parse(readFileSync(`${path}.part`, "utf8"));
    // Without this machine's folders.
    const train = ["dialogue train --model", model, "--seed", seed, ...steps, "--out DIR"].join(" ");
    result.command = `${train} && dialogue evaluate DIR --limit ${values.limit} --out FILE`;
    writeFileSync(`${path}.part`, `${JSON.stringify(result, null, 2)}\n`);
    renameSync(`${path}.part`, path);
    console.log(`${model}-${seed}: perplexity ${result.perplexity.toFixed(2)}`);
  }
}
