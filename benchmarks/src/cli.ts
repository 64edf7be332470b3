import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { activateBackend, describeChoice } from "@infinite-former/backend";
import * as tf from "@tensorflow/tfjs-core";
import { machine } from "./machine.js";
import { parseOptions, usage } from "./options.js";
import type { BenchmarkReport, BenchmarkResult } from "./result.js";
import { runBenchmarks } from "./run-benchmarks.js";
import { selectCases } from "./select.js";

try {
  await main();
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  const misused = code?.startsWith("ERR_PARSE_ARGS") || code === "ERR_USAGE";
  console.error(process.env["DEBUG"] ? error : `bench: ${message}${misused ? `\n${usage}` : ""}`);
  process.exitCode = misused ? 2 : 1;
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) return console.log(usage);
  const chosen = await activateBackend(options.backend);
  console.error(describeChoice(chosen));
  const here = machine();
  const plan = selectCases(options, chosen.name, String(here["vectors"]).startsWith("avx512"));
  const { results, versions, failures } = await runBenchmarks(plan, options, chosen.name, {
    onResult: (result) => console.error(line(result)),
    onNotice: (notice) => console.error(`bench: ${notice}`),
  });
  const report: BenchmarkReport = {
    machine: here,
    versions: {
      node: process.versions.node,
      tfjs: tf.version_core,
      [chosen.name]: chosen.version,
      ...versions,
    },
    // Where a machine keeps its Python is nobody else's business.
    command: ["pnpm bench", ...process.argv.slice(2)].join(" ").replace(/(--peer-python[ =])\S+/, "$1PYTHON"),
    seed: options.seed,
    date: new Date().toISOString().slice(0, 10),
    results,
  };
  write(report, options.json);
  if (failures.length > 0) process.exitCode = 1;
}

function write(report: BenchmarkReport, file: string | null): void {
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (file === null || file === "-") {
    process.stdout.write(text);
    return;
  }
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(file, text);
}

function line(result: BenchmarkResult): string {
  const { name, model, mode, size, memory, sequences, isa, backend, seconds, ratio, peer } = result;
  const what = [
    name,
    model,
    size,
    mode,
    memory === undefined ? "" : `memory ${memory}`,
    sequences === undefined ? "" : `${sequences} at once`,
    `on ${backend}`,
    isa === "avx2" ? "with AVX2" : "",
  ].filter(Boolean);
  const share =
    result.shareOfPeak === undefined ? "" : `, ${(100 * result.shareOfPeak).toFixed(0)} % of the peak`;
  const against = ratio === undefined ? "" : `, ${ratio.toFixed(2)} times as fast as ${peer}`;
  return `${what.join(" ")}: ${duration(seconds.median)}${share}${against}`;
}

function duration(seconds: number): string {
  return seconds < 0.9995 ? `${(seconds * 1000).toPrecision(3)} ms` : `${seconds.toPrecision(3)} s`;
}
