import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withGenerated } from "./generated-block.mjs";
import { root } from "./pnpm.mjs";

// `node tooling/scripts/reading-table.mjs` writes the tables of docs/reading.md
// from results/language/reading.json (`node benchmarks/reading.js --json …`).
const page = join(root, "docs/reading.md");
const file = "results/language/reading.json";
const source = `${file} by \`node tooling/scripts/reading-table.mjs\``;

const count = (number) => number.toLocaleString("en");
const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

/** What `benchmarks/reading.js` measured. */
export function readingReport() {
  return JSON.parse(readFileSync(join(root, file), "utf8"));
}

/** The tables as Markdown: always the same text from the same report. */
export function readingTables({ machine, versions, command, date, seed, reading, corpora }) {
  const documents = reading.flatMap(({ token, course }) => {
    const last = course.at(-1);
    return course.map((station) => {
      const cells = [
        station === last ? `**${count(station.bytes)}**` : count(station.bytes),
        count(station.tokens),
        (1e6 * station.secondsPerToken).toFixed(1),
        mebibytes(station.rssBytes),
        station.tensors,
      ];
      return `| ${token} | ${cells.join(" | ")} |`;
    });
  });
  const texts = corpora.map(
    ({ bytes, peakRssBytes, seconds }) =>
      `| ${count(bytes)} | ${mebibytes(peakRssBytes)} | ${seconds.toFixed(0)} |`,
  );
  const what = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    "| tokens | bytes read | tokens read | µs a token, since the line before | resident memory | tensors |",
    "| --- | --- | --- | --- | --- | --- |",
    ...documents,
    "",
    "| corpus, bytes | peak memory of `train` | seconds |",
    "| --- | --- | --- |",
    ...texts,
    "",
    `\`${command}\`, ${date}, seed ${seed}, on ${machine.cores} cores, ${machine.cpu}, ${machine.vectors}; ${what.join(", ")}.`,
  ].join("\n");
}

/** `text` of the page with the tables of a report between its two marks. */
export function withReadingTables(text, report) {
  return withGenerated(text, source, readingTables(report));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(page, withReadingTables(readFileSync(page, "utf8"), readingReport()));
}
