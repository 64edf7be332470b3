import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withGenerated } from "./generated-block.mjs";
import { workspaceFolders } from "./install.mjs";
import { root } from "./pnpm.mjs";
import { trials } from "./reliability-trials.mjs";

// `node tooling/scripts/reliability-table.mjs --collect` writes
// results/reliability.json from what the last `npm test` and `pnpm test:faults`
// left in every package, and the table of docs/reliability.md from that;
// without `--collect` the table alone.
const page = join(root, "docs/reliability.md");
const file = join(root, "results/reliability.json");
const source = "results/reliability.json by `node tooling/scripts/reliability-table.mjs`";

/**
 * @typedef {{ number: number, fault: string, times: number, on?: string, project: string, result: string, note?: string }} Entry as the reporter writes it
 * @typedef {{ number: number, fault: string, times: number, on: string[], package: string, result: string }} Tried one trial of one package, over all backends
 */

/**
 * One entry for each fault of a package: a fault that was tried on several
 * backends has failed if it failed on one, and was skipped if it ran on none.
 *
 * @param {string} folder of the package
 * @param {readonly Entry[]} entries
 * @returns {Tried[]}
 */
export function summarise(folder, entries) {
  const groups = new Map();
  for (const entry of entries) {
    const key = JSON.stringify([entry.number, entry.fault]);
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()].map((group) => {
    const ran = group.filter(({ result }) => result !== "skipped");
    const worst = ran.find(({ result }) => result !== "passed") ?? ran[0];
    const { number, fault } = group[0];
    return {
      number,
      fault,
      times: Math.max(0, ...ran.map(({ times }) => times)),
      on: [...new Set(ran.map(({ on, project }) => on ?? project).filter(Boolean))].sort(),
      package: folder,
      result: worst?.result ?? `skipped: ${group[0].note ?? "no reason given"}`,
    };
  });
}

/** What the last runs left, over all packages. */
function collect() {
  const tried = [];
  const dates = [];
  const partial = [];
  for (const folder of workspaceFolders()) {
    for (const name of ["results", "faults"]) {
      const path = join(root, folder, `test-results/${name}.json`);
      if (!existsSync(path)) continue;
      const results = JSON.parse(readFileSync(path, "utf8"));
      if (results.partial) partial.push(path);
      const own = summarise(folder, results.trials ?? []);
      tried.push(...own);
      if (own.length > 0) dates.push(results.date);
    }
  }
  if (partial.length > 0) {
    throw new Error(`left by a run of some tests only: ${partial.join(", ")}; first run all of them`);
  }
  const version = (from) => JSON.parse(readFileSync(join(root, from, "package.json"), "utf8")).version;
  return {
    machine: {
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      platform: `${process.platform} ${process.arch} ${release()}`,
    },
    versions: {
      "infinite-former": version("apps/trainer"),
      node: process.versions.node,
      tfjs: version("tooling/vitest/node_modules/@tensorflow/tfjs-core"),
      tensorflow: pinnedTensorflow(),
    },
    command: "npm test && pnpm test:faults --all",
    date: dates.sort().at(-1)?.slice(0, 10) ?? null,
    trials: tried.sort((a, b) => a.number - b.number),
  };
}

function pinnedTensorflow() {
  const pins = readFileSync(join(root, "packages/tensorflow/src/pins.ts"), "utf8");
  return /^const VERSION = "(.*)";$/m.exec(pins)?.[1] ?? "unknown";
}

const cell = (text) => text.replaceAll("|", "\\|");

/** Rows of one trial: its title, what does not exist of it, and each of its tests. */
function rowsOf({ number, fault, follows, absent }, tried) {
  const own = tried.filter((one) => one.number === number);
  if (follows === "") return [`| **${number}** | **${fault}** | | | ${absent} |`];
  const title = `| **${number}** | **${fault}** → ${follows} | | | ${own.length === 0 ? "no test" : ""} |`;
  const tests = own.map(({ fault: what, times, on, package: folder, result }) => {
    const where = on.length > 0 ? on.join(", ") : "—";
    return `| | ${cell(what)} (${folder}) | ${times > 0 ? times : "—"} | ${where} | ${cell(result)} |`;
  });
  const missing = absent ? [`| | ${absent} | — | — | does not apply |`] : [];
  return [title, ...tests, ...missing];
}

/** @returns {string} the table of docs/reliability.md, in Markdown. */
export function reliabilityTable({ machine, versions, command, date, trials: tried }) {
  const count = (held) => tried.filter(({ result }) => held(result)).length;
  const skipped = count((result) => result.startsWith("skipped"));
  const passed = count((result) => result === "passed");
  const sum = `${passed} passed, ${tried.length - passed - skipped} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  const what = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    "| | trial | times | on | result |",
    "| --- | --- | --- | --- | --- |",
    ...trials.flatMap((trial) => rowsOf(trial, tried)),
    "",
    `${sum}. \`${command}\`${date ? `, ${date}` : ""}, on ${machine.cores} cores, ${machine.cpu}; ${what.join(", ")}.`,
  ].join("\n");
}

/** `text` of docs/reliability.md with its table from the result file. */
export function withReliability(text) {
  return withGenerated(text, source, reliabilityTable(JSON.parse(readFileSync(file, "utf8"))));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv.includes("--collect")) writeFileSync(file, `${JSON.stringify(collect(), null, 2)}\n`);
  writeFileSync(page, withReliability(readFileSync(page, "utf8")));
}
