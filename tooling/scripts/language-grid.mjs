import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./pnpm.mjs";
import { trainCell } from "./trained-cell.mjs";

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

for (const seed of values.seeds.split(",")) {
  for (const model of values.models.split(",")) {
    trainCell({
      path: join(root, `results/language/small/${model}-${seed}.json`),
      run: join(values.runs, `${model}-${seed}`),
      split: "test",
      settings: ["--preset", `${model}-small`, "--seed", seed],
    });
  }
}
