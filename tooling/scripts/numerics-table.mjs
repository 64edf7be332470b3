import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withGenerated } from "./generated-block.mjs";
import { root } from "./pnpm.mjs";

// `node tooling/scripts/numerics-table.mjs` writes the tables of docs/numerics.md
// from results/numerics.json (`pnpm numerics`) and results/bench (`pnpm bench`).
const page = join(root, "docs/numerics.md");
const read = (file) => JSON.parse(readFileSync(join(root, file), "utf8"));

function where({ machine, versions, command }) {
  const what = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `\`${command}\` on ${machine.cores} cores, ${machine.cpu}, ${machine.vectors}; ${what.join(", ")}.`;
}

function errors(report) {
  const rows = report.figures.map(({ quantity, setting, plain, ours }) => {
    return `| ${quantity} | ${setting} | ${plain.toExponential(0)} | ${ours.toExponential(0)} |`;
  });
  const head = ["| computed | where | plain float32 | here |", "| --- | --- | --- | --- |"];
  return [...head, ...rows, "", where(report)].join("\n");
}

function growth(report) {
  const rows = report.growths.map(({ model, even, worstBin }) => {
    return `| ${model} | ${even.toFixed(2)} | ${worstBin.toFixed(3)} |`;
  });
  return ["| memory | evenly sampled | on the worst single bin |", "| --- | --- | --- |", ...rows].join("\n");
}

function soak(report) {
  const rows = report.results.map(({ size, shape, course }) => {
    const half = course.length >> 1;
    const most = (part, key) => Math.max(...part.map((one) => one[key]));
    const both = (key, show) =>
      [course.slice(0, half), course.slice(half)].map((part) => show(most(part, key))).join(", ");
    const segments = course.at(-1).segments;
    const numbers = both("largest", (x) => x.toPrecision(3));
    const known = course[0].relativeDifference !== undefined;
    const difference = known ? both("relativeDifference", (x) => x.toExponential(0)) : "";
    const rss = both("rssBytes", (x) => `${Math.round(x / 2 ** 20)} MiB`);
    return `| ${size}, L = ${shape.segmentLength} | ${segments} | ${numbers} | ${difference} | ${rss} | ${both("tensors", String)} |`;
  });
  return [
    "| memory | segments | largest coefficient | off float64 | resident | tensors |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
    `Largest in the first and in the second half of the run. ${where(report)}`,
  ].join("\n");
}

function fits(report) {
  const rows = report.results.map(({ size, shape, seconds, peakRssBytes }) => {
    const { basisCount, segmentLength, sampleCount } = shape;
    return `| ${size} | ${basisCount} | ${segmentLength} | ${sampleCount} | ${seconds.median.toPrecision(2)} s | ${(peakRssBytes / 2 ** 30).toPrecision(2)} GiB |`;
  });
  const head = [
    "| sizes | N | L | M | processor time | peak memory so far |",
    "| --- | --- | --- | --- | --- | --- |",
  ];
  return [...head, ...rows, "", where(report)].join("\n");
}

/** `text` of docs/numerics.md with its tables from the result files. */
export function withNumerics(text) {
  const tables = [
    ["results/numerics.json", errors],
    ["results/numerics.json (growth)", growth],
    ["results/bench/memory-soak.json", soak],
    ["results/bench/fit.json", fits],
  ];
  return tables.reduce((done, [source, table]) => {
    const [file] = source.split(" ");
    return withGenerated(done, `${source} by \`node tooling/scripts/numerics-table.mjs\``, table(read(file)));
  }, text);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(page, withNumerics(readFileSync(page, "utf8")));
}
