import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./pnpm.mjs";
import { train, trainCell } from "./trained-cell.mjs";

// `node tooling/scripts/gpt2-grid.mjs [--models LIST] [--seeds LIST] [--runs DIR]`: trains one small GPT-2 from
// scratch (preset gpt2-small on the corpus sotu-wikitext), fine-tunes it on Moby-Dick with each memory
// (gpt2-small-tune), evaluates each on the part of it that validates, and writes results/gpt2/MODEL-SEED.json as each
// is done. What is there already is left alone; a run that was stopped goes on. The table: language-table.mjs.
const memories = {
  gpt2: [],
  "gpt2-compressive": ["--set", "model.memory=compressive"],
  "gpt2-infinite": ["--set", "model.memory=infinite"],
  "gpt2-infinite-sticky": ["--set", "model.memory=infinite", "--set", "model.sampling=sticky"],
};
const { values } = parseArgs({
  options: {
    models: { type: "string", default: Object.keys(memories).join(",") },
    seeds: { type: "string", default: "1,2" },
    runs: { type: "string", default: join(root, "runs/gpt2") },
  },
});

const base = join(values.runs, "base");
const pretraining = ["--preset", "gpt2-small", "--set", "data.corpus=sotu-wikitext", "--seed", "1"];
train(base, pretraining);
for (const seed of values.seeds.split(",")) {
  for (const model of values.models.split(",")) {
    const settings = (from) => [
      ...["--preset", "gpt2-small-tune", "--set", `model.from=${from}`],
      ...[...(memories[model] ?? unknown(model)), "--seed", seed],
    ];
    trainCell({
      path: join(root, `results/gpt2/${model}-${seed}.json`),
      run: join(values.runs, `${model}-${seed}`),
      split: "valid",
      settings: settings(base),
      told: settings("BASE"),
    });
  }
}

function unknown(model) {
  throw new Error(`--models: there is no ${model}; there are ${Object.keys(memories).join(", ")}`);
}
