import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { commandOfOurs } from "./command-of-ours.mjs";
import { root } from "./pnpm.mjs";

// `node tooling/scripts/language-grid.mjs [--models LIST] [--seeds LIST] [--runs DIR]`: trains the presets
// MODEL-small, evaluates each on the test split, and writes results/language/small/MODEL-SEED.json as each is
// done. What is there already is left alone; a run that was stopped goes on. The table: language-table.mjs.
const { values } = parseArgs({
  options: {
    models: { type: "string", default: "transformer-xl,compressive,infinite-former,infinite-former-sticky" },
    seeds: { type: "string", default: "1,2" },
    runs: { type: "string", default: join(root, "runs/language") },
  },
});
const results = join(root, "results/language/small");
const infiniteFormer = (args, options) => commandOfOurs("apps/trainer/bin/infinite-former.js", args, options);

/** What a finished run and its evaluation say, without what is of this machine's folders. */
function cell(model, run, test) {
  const config = JSON.parse(readFileSync(join(run, "config.json"), "utf8"));
  const { format, formatVersion, vocabulary, created, command, ...rest } = config;
  const lines = readFileSync(join(run, "metrics.jsonl"), "utf8").trim().split("\n");
  const metrics = lines.map((line) => JSON.parse(line));
  const whole = metrics.findLast((line) => line.split === "valid" && line.evaluatedTokens === undefined);
  if (whole?.step !== config.training.steps) throw new Error(`${run}: the run has not ended`);
  const { checkpoint, data, seconds, tokensPerSecond, ...evaluated } = test;
  return {
    model,
    ...rest,
    vocabularySize: vocabulary.size,
    command: `infinite-former train --preset ${config.preset} --seed ${config.seed} --out DIR && infinite-former evaluate DIR --split test --batch 1 --json`,
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

mkdirSync(results, { recursive: true });
for (const seed of values.seeds.split(",")) {
  for (const model of values.models.split(",")) {
    const path = join(results, `${model}-${seed}.json`);
    if (existsSync(path)) continue;
    const run = join(values.runs, `${model}-${seed}`);
    if (existsSync(join(run, "config.json"))) infiniteFormer(["train", "--resume", run]);
    else infiniteFormer(["train", "--preset", `${model}-small`, "--seed", seed, "--out", run]);
    const test = JSON.parse(
      infiniteFormer(["evaluate", run, "--split", "test", "--batch", "1", "--json"], { capture: true }),
    );
    writeFileSync(`${path}.part`, `${JSON.stringify(cell(model, run, test), null, 2)}\n`);
    renameSync(`${path}.part`, path);
    console.log(`${model}-${seed}: ${test.perWordPerplexity.toFixed(2)} per word`);
  }
}
