import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withGenerated } from "./generated-block.mjs";
import { root } from "./pnpm.mjs";
import { runResult } from "./run-result.mjs";

// `node tooling/scripts/preset-table.mjs [RUN…]`: takes over the figures of run
// directories into results/language/presets, then writes the table of
// docs/presets.md from all that lies there.
const folder = join(root, "results/language/presets");
const page = join(root, "docs/presets.md");
const source = "results/language/presets by `node tooling/scripts/preset-table.mjs`";

/** What a finished run of the default model or one of its relatives says of itself. */
function takeOver(run) {
  const result = runResult(run);
  const { kind, sampling } = result.config.model;
  const model = sampling === "sticky" ? `${kind}-sticky` : kind;
  const command = `infinite-former train --preset ${result.preset} --seed ${result.seed} --out DIR`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, `${result.preset}-${result.seed}.json`),
    `${JSON.stringify({ model, ...result, command }, null, 2)}\n`,
  );
}

/** Every result, by preset and seed. */
export function presetResults() {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return names.sort().map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
}

/** The results as Markdown: always the same text from the same files. */
export function presetTable(results) {
  const presets = [...new Set(results.map(({ preset }) => preset))];
  const rows = presets.map((preset) => {
    const own = results.filter((one) => one.preset === preset);
    const losses = own.map(({ validationLoss }) => validationLoss);
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const each = own.map(({ seed, validationLoss }) => `${validationLoss.toFixed(4)} (${seed})`).join(", ");
    return `| \`${preset}\` | ${mean.toFixed(4)} | ${each} | ${own[0].parameters} |`;
  });
  const [{ machine, versions, steps, command }] = results;
  const what = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Validation loss in nats per character over the whole split after ${steps} steps, mean and each seed; on ${machine.cores} cores ${machine.processor}; ${what.join(", ")}. Command: \`${command.replace(/--preset \S+ --seed \S+/, "--preset NAME --seed N")}\`.`,
    "",
    "| preset | mean | loss (seed) | parameters |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** `text` of the page with the table of `results` between its two marks. */
export function withPresetTable(text, results) {
  return withGenerated(text, source, presetTable(results));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const run of process.argv.slice(2)) takeOver(run);
  writeFileSync(page, withPresetTable(readFileSync(page, "utf8"), presetResults()));
}
