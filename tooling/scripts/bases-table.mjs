import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withGenerated } from "./generated-block.mjs";
import { root } from "./pnpm.mjs";

// `node tooling/scripts/bases-table.mjs` writes the table of docs/bases.md from
// results/bases.json (`node benchmarks/bases.js --json results/bases.json`).
const page = join(root, "docs/bases.md");

function table({ machine, versions, command, results }) {
  const percent = (x) => `${(100 * x).toFixed(x < 0.01 ? 2 : 1)} %`;
  const deviations = results[0].attention.map(({ deviation }) => `σ = ${deviation}`);
  const rows = results.map(({ basis, count, regression, attention }) => {
    const errors = [regression, ...attention.map(({ error }) => error)].map(percent);
    return `| ${count} | ${basis} | ${errors.join(" | ")} |`;
  });
  const what = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `| N | basis | regression | ${deviations.join(" | ")} |`,
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
    `\`${command}\` on ${machine.cores} cores, ${machine.cpu}; ${what.join(", ")}.`,
  ].join("\n");
}

/** `text` of docs/bases.md with its table from the result file. */
export function withBasesTable(text) {
  const report = JSON.parse(readFileSync(join(root, "results/bases.json"), "utf8"));
  const source = "results/bases.json by `node tooling/scripts/bases-table.mjs`";
  return withGenerated(text, source, table(report));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(page, withBasesTable(readFileSync(page, "utf8")));
}
