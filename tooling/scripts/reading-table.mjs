import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withGenerated } from "./generated-block.mjs";
import { root } from "./pnpm.mjs";

// `node tooling/scripts/reading-table.mjs` writes the tables of docs/reading.md
// from results/language/reading (`node benchmarks/reading.js --json FILE`, in one run or several).
const page = join(root, "docs/reading.md");
const folder = "results/language/reading";
const source = `${folder} by \`node tooling/scripts/reading-table.mjs\``;

const count = (number) => number.toLocaleString("en");
const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

/** What `benchmarks/reading.js` measured, run by run. */
export function readingReports() {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith(".json"));
  return names.sort().map((name) => JSON.parse(readFileSync(join(root, folder, name), "utf8")));
}

/** The tables as Markdown: always the same text from the same reports. */
export function readingTables(reports) {
  const documents = reports.flatMap(({ reading }) =>
    reading.flatMap(({ token, bytes, tokens, seconds, course }) => {
      const stations = course.map((station) => {
        const cells = [
          count(station.bytes),
          (1e6 * station.secondsPerByte).toFixed(1),
          mebibytes(station.rssBytes),
          station.tensors,
        ];
        return `| ${token} | ${cells.join(" | ")} |`;
      });
      const whole = `${((1e6 * seconds) / bytes).toFixed(1)}; ${((1e6 * seconds) / tokens).toFixed(1)} a token`;
      return [...stations, `| **${token}: ${count(tokens)}** | **${count(bytes)}** | ${whole} | | |`];
    }),
  );
  const texts = reports.flatMap(({ corpora }) =>
    corpora.map(
      ({ bytes, peakRssBytes, seconds }) =>
        `| ${count(bytes)} | ${mebibytes(peakRssBytes)} | ${seconds.toFixed(0)} |`,
    ),
  );
  return [
    "| tokens | bytes read | µs a byte, since the line before | resident memory | tensors |",
    "| --- | --- | --- | --- | --- |",
    ...documents,
    "",
    "| corpus, bytes | peak memory of `train` | seconds |",
    "| --- | --- | --- |",
    ...texts,
    "",
    ...reports.map(told),
  ].join("\n");
}

function told({ machine, versions, command, date, seed }) {
  const what = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `- \`${command}\`, ${date}, seed ${seed}, on ${machine.cores} cores, ${machine.cpu}, ${machine.vectors}; ${what.join(", ")}.`;
}

/** `text` of the page with the tables of reports between its two marks. */
export function withReadingTables(text, reports) {
  return withGenerated(text, source, readingTables(reports));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(page, withReadingTables(readFileSync(page, "utf8"), readingReports()));
}
