import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withGenerated } from "./generated-block.mjs";
import { root } from "./pnpm.mjs";

// `node tooling/scripts/memory-table.mjs` writes the tables of docs/memory.md
// from results/bench (`pnpm bench --only memory-recall`, `--only memory-course`).
const page = join(root, "docs/memory.md");
const read = (file) => JSON.parse(readFileSync(join(root, file), "utf8"));

function where({ machine, versions, command }) {
  const what = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `\`${command}\` on ${machine.cores} cores, ${machine.cpu}, ${machine.vectors}; ${what.join(", ")}.`;
}

function recall(report) {
  const [{ course }] = report.results;
  const rows = course.map((one) => {
    const cell = (name) =>
      `${one[name].toPrecision(2)} | ${(100 * Math.max(0, one[`${name}Room`])).toFixed(0)} %`;
    const age = one.lookedAt ? `**${one.age}**` : one.age;
    return `| ${age} | ${cell("uniform")} | ${cell("stickyLeftEdge")} | ${cell("stickyWithinBin")} |`;
  });
  return [
    "| segments back | uniform: error | room | sticky, left edges: error | room | sticky, within bins: error | room |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
    where(report),
  ].join("\n");
}

function course(report) {
  const [{ course: stations, seconds }] = report.results;
  const rows = stations.map(({ tokens, ratioToFirst, fastestSeconds, stateBytes, ...one }) => {
    const time = `${(1000 * one.seconds).toFixed(0)} ms | ${(1000 * fastestSeconds).toFixed(1)} ms`;
    // medianRatio: the time of this station over that of the first, in the same round
    return `| ${tokens.toLocaleString("en")} | ${time} | ${ratioToFirst.toFixed(3)} | ${stateBytes.toLocaleString("en")} |`;
  });
  return [
    "| tokens read | median | fastest | of the first | state, bytes |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
    `${seconds.runs.length} rounds. ${where(report)}`,
  ].join("\n");
}

/** `text` of docs/memory.md with its tables from the result files. */
export function withMemoryTables(text) {
  const tables = [
    ["results/bench/memory-recall.json", recall],
    ["results/bench/memory-course.json", course],
  ];
  return tables.reduce((done, [file, table]) => {
    return withGenerated(done, `${file} by \`node tooling/scripts/memory-table.mjs\``, table(read(file)));
  }, text);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(page, withMemoryTables(readFileSync(page, "utf8")));
}
