import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withGenerated } from "./generated-block.mjs";
import { root } from "./pnpm.mjs";

/**
 * @typedef {import("../../benchmarks/src/result.js").BenchmarkResult} Result
 * @typedef {{ file: string, report: import("../../benchmarks/src/result.js").BenchmarkReport }} Report
 */

const source = "results/bench by `node tooling/scripts/bench-table.mjs`";

/** Told by docs/speed.md alone: not about models. */
const speedOnly = new Set(["safetensors-read"]);

/** Shown by docs/numerics.md and docs/memory.md. */
const elsewhere = new Set(["fit.json", "memory-soak.json", "memory-course.json", "memory-recall.json"]);

/** Sections of docs/speed.md: names of results, and what they are. */
const sections = [
  ["train-step", "Training steps"],
  ["first-step", "First steps, recording included"],
  ["generate", "Generation"],
  ["memory-update", "Update and reading of one layer's long-term memory"],
  ["matmul-1024", "Product of two 1024 × 1024 matrices"],
  ["op-overhead", "Overhead of one operation"],
  ["safetensors-read", "Reading a safetensors file against a plain read of its bytes"],
];

/**
 * Every benchmark report in results/bench that the documents show, by file name.
 * @returns {Report[]}
 */
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
 * The figures against peers as Markdown, one line a case: always the same text from the same files.
 * @param {Report[]} reports
 */
export function benchTable(reports) {
  const tables = reports.flatMap(({ file, report }) => {
    const rows = byCase(report.results.filter((one) => compared(one) && !speedOnly.has(one.name))).map(
      (all) => {
        const [first] = all;
        const speeds = all.map(({ ratio, peer }) => `${ratio.toFixed(2)} × ${peer}`);
        const memories = new Set([
          memory(first.peakRssBytes),
          ...all.map((one) => memory(one.peerPeakRssBytes)),
        ]);
        return [
          [first.name, caseOf(first)].filter(Boolean).join(" "),
          first.isa,
          duration(first.seconds.median),
          speeds.join(", "),
          [...memories].filter(Boolean).join(" / "),
        ];
      },
    );
    if (rows.length === 0) return [];
    const head = ["case", "instructions", "time", "speed", "peak memory, ours / peers"];
    return `${caption(file, report, "")}\n\n${table(head, rows)}`;
  });
  return tables.join("\n\n");
}

/**
 * Every figure as Markdown, by case: always the same text from the same files.
 * @param {Report[]} reports
 */
export function speedTables(reports) {
  const parts = reports.map(({ file, report }) => {
    const tables = sections.flatMap(([name, title]) => {
      const results = report.results.filter((one) => one.name === name);
      return results.length === 0 ? [] : [`**${title}** (\`${name}\`)\n\n${sectionTable(results)}`];
    });
    return [caption(file, report, "../"), ...tables, ...notes(report.results)].join("\n\n");
  });
  return parts.join("\n\n");
}

/** @param {Result[]} results of one name */
function sectionTable(results) {
  const columns = [
    ["case", (one) => caseOf(one) || "—"],
    ["backend", (one) => one.backend],
    ["instructions", (one) => one.isa],
    ["ours", (one) => duration(one.seconds.median)],
    ["peer", (one) => one.peer ?? ""],
    ["peer's", (one) => (one.peerSeconds ? duration(one.peerSeconds.median) : "")],
    ["speed", (one) => (compared(one) ? one.ratio.toFixed(2) : "")],
    ["rounds", (one) => rounds(one)],
    ["tokens/s", (one) => pair(one.tokensPerSecond, one.peerTokensPerSecond, rate)],
    ["GFLOP/s", (one) => one.gigaflopsPerSecond?.toFixed(0) ?? ""],
    ["share of peak", (one) => share(one)],
    ["peak memory", (one) => pair(one.peakRssBytes, one.peerPeakRssBytes, memory)],
  ];
  const filled = columns.filter(([, show]) => results.some((one) => show(one) !== ""));
  return table(
    filled.map(([title]) => title),
    results.map((one) => filled.map(([, show]) => show(one))),
  );
}

/** @param {readonly Result[]} results */
function notes(results) {
  const said = new Set(
    results.flatMap(({ peer, peerNote }) => (peerNote ? [`${peer} is ${peerNote}.`] : [])),
  );
  return said.size === 0 ? [] : [[...said].join(" ")];
}

function caption(file, { machine, versions, command, date }, up) {
  const where = [`${machine.cores} cores`, machine.cpu, machine.vectors].join(", ");
  const what = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `[${file}](${up}${file}), \`${command}\`, ${date}, on ${where}; ${what.join(", ")}. Medians; "speed" is the peer's time over ours, the median over rounds run in turn.`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/**
 * Results that differ in the peer alone stand together, in the order of the first of them.
 * @param {Result[]} results
 * @returns {Result[][]}
 */
function byCase(results) {
  const cases = new Map();
  for (const one of results) {
    const key = [one.name, caseOf(one), one.backend, one.isa].join();
    cases.set(key, [...(cases.get(key) ?? []), one]);
  }
  return [...cases.values()];
}

/** @param {Result} one */
function caseOf({ model, size, mode, memory: longTerm, sequences, backend }) {
  const words = [
    model,
    size,
    mode === "eager" ? mode : "",
    longTerm === undefined ? "" : `memory ${longTerm}`,
    sequences === undefined ? "" : `${sequences} at once`,
    backend === "wasm" ? "on wasm" : "",
  ];
  return words.filter(Boolean).join(" ");
}

/** @param {Result} one */
function compared({ ratio }) {
  return ratio !== undefined && ratio !== null;
}

/** @param {Result} one */
function rounds({ seconds, dropped }) {
  if (dropped === undefined) return "";
  return dropped === 0 ? `${seconds.runs.length}` : `${seconds.runs.length}, ${dropped} dropped`;
}

/** @param {Result} one */
function share({ shareOfPeak, peakGigaflopsPerSecond: peak }) {
  return shareOfPeak === undefined ? "" : `${(100 * shareOfPeak).toFixed(0)} % of ${peak.toFixed(0)}`;
}

function pair(ours, peers, show) {
  return [ours, peers].flatMap((value) => (value ? [show(value)] : [])).join(" / ");
}

function rate(perSecond) {
  return perSecond < 100 ? perSecond.toPrecision(3) : perSecond.toFixed(0);
}

function memory(bytes) {
  return bytes ? `${Math.round(bytes / 2 ** 20)} MiB` : "";
}

function duration(seconds) {
  if (seconds < 1e-3) return `${(seconds * 1e6).toPrecision(3)} µs`;
  if (seconds < 0.9995) return `${(seconds * 1e3).toPrecision(3)} ms`;
  return `${seconds.toPrecision(3)} s`;
}

/**
 * `text` of the README with the table of `reports` between its two marks.
 * @param {string} text
 * @param {Report[]} reports
 */
export function withBenchTable(text, reports) {
  return withGenerated(text, source, benchTable(reports));
}

/**
 * `text` of docs/speed.md with the tables of `reports` between its two marks.
 * @param {string} text
 * @param {Report[]} reports
 */
export function withSpeedTables(text, reports) {
  return withGenerated(text, source, speedTables(reports));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const reports = benchReports();
  for (const [file, fill] of [
    ["README.md", withBenchTable],
    ["docs/speed.md", withSpeedTables],
  ]) {
    const path = join(root, file);
    writeFileSync(path, fill(readFileSync(path, "utf8"), reports));
  }
}
