import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withGenerated } from "./generated-block.mjs";
import { root } from "./pnpm.mjs";

const source = "results/bench by `node tooling/scripts/bench-table.mjs`";

/** Long measurements, shown by docs/numerics.md. */
const elsewhere = new Set(["fit.json", "memory-soak.json"]);

/** Every benchmark report in results/bench that the README shows, by file name. */
export function benchReports() {
  const folder = join(root, "results/bench");
  const all = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  const names = all.filter((name) => !elsewhere.has(name));
  return names.sort().map((name) => ({
    file: `results/bench/${name}`,
    report: JSON.parse(readFileSync(join(folder, name), "utf8")),
  }));
}

/**
 * The figures as Markdown: always the same text from the same files.
 *
 * @param {{ file: string, report: import("../../benchmarks/src/result.js").BenchmarkReport }[]} reports
 */
export function benchTable(reports) {
  return reports.map(({ file, report }) => oneTable(file, report)).join("\n\n");
}

function oneTable(file, { machine, versions, command, results }) {
  const where = [`${machine.cores} cores`, machine.cpu, machine.vectors].join(", ");
  const what = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const rows = results.map((one) => {
    const name = [one.name, one.model, one.size, one.mode].filter(Boolean).join(" ");
    const against = one.ratio === undefined ? "" : `${one.ratio.toFixed(2)} × ${one.peer}`;
    return `| ${name} | ${one.backend} | ${duration(one.seconds.median)} | ${rate(one)} | ${against} |`;
  });
  return [
    `[${file}](${file}), \`${command}\`, on ${where}; ${what.join(", ")}. Medians; "speed" is the peer's time over ours, the median over rounds run in turn.`,
    "",
    "| case | backend | time | rate | speed |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function duration(seconds) {
  if (seconds < 1e-3) return `${(seconds * 1e6).toPrecision(3)} µs`;
  if (seconds < 1) return `${(seconds * 1e3).toPrecision(3)} ms`;
  return `${seconds.toPrecision(3)} s`;
}

function rate({ gigaflopsPerSecond, tokensPerSecond }) {
  if (gigaflopsPerSecond) return `${gigaflopsPerSecond.toFixed(0)} GFLOP/s`;
  if (tokensPerSecond) return `${tokensPerSecond.toFixed(0)} tokens/s`;
  return "";
}

/** `text` with the table of `reports` between its two marks. */
export function withBenchTable(text, reports) {
  return withGenerated(text, source, benchTable(reports));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const readme = join(root, "README.md");
  writeFileSync(readme, withBenchTable(readFileSync(readme, "utf8"), benchReports()));
}
