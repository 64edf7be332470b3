import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { activateBackend, describeChoice } from "@infinite-former/backend";
import * as tf from "@tensorflow/tfjs-core";
import { fit } from "./cases/fit.js";
import { matmul } from "./cases/matmul.js";
import { memorySoak } from "./cases/memory-soak.js";
import { memoryUpdate } from "./cases/memory-update.js";
import { opOverhead } from "./cases/op-overhead.js";
import { trainStep } from "./cases/train-step.js";
import { machine } from "./machine.js";
import type { BenchmarkReport, BenchmarkResult, Settings } from "./result.js";

const cases: Readonly<Record<string, (settings: Settings) => Promise<BenchmarkResult[]>>> = {
  "op-overhead": opOverhead,
  "matmul-1024": matmul,
  "memory-update": memoryUpdate,
  "train-step": trainStep,
};

/** Cases that take minutes: run where they are named. */
const longCases: typeof cases = { fit, "memory-soak": memorySoak };
const known = { ...cases, ...longCases };

const usage = `pnpm bench [--json FILE] [--only NAME]… [--rounds N] [--seed N] [--backend auto|tensorflow|wasm|cpu]
  --json FILE   write the results there as JSON ("-": on stdout, and nothing else)
  --only NAME   one of ${Object.keys(cases).join(", ")}; or, for minutes, ${Object.keys(longCases).join(", ")}`;

try {
  await main();
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  console.error(process.env["DEBUG"] ? error : `bench: ${message}`);
  process.exitCode = code?.startsWith("ERR_PARSE_ARGS") || code === "ERR_USAGE" ? 2 : 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: "string" },
      only: { type: "string", multiple: true },
      rounds: { type: "string", default: "9" },
      seed: { type: "string", default: "1" },
      backend: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const rounds = count("rounds", values.rounds, 1);
  const seed = count("seed", values.seed, 0);
  const only = values.only ?? Object.keys(cases);
  const unknown = only.filter((name) => !(name in known));
  if (unknown.length > 0)
    throw wrong(`--only: no case ${unknown.join(", ")}; there are ${Object.keys(known).join(", ")}`);

  const chosen = await activateBackend(values.backend);
  console.error(describeChoice(chosen));
  const results: BenchmarkResult[] = [];
  for (const name of only) {
    const measured =
      (await known[name as keyof typeof known]?.({ backend: chosen.name, rounds, seed })) ?? [];
    results.push(...measured);
    for (const one of measured) console.error(line(one));
  }
  const report: BenchmarkReport = {
    machine: machine(),
    versions: { node: process.versions.node, tfjs: tf.version_core, [chosen.name]: chosen.version },
    command: ["pnpm bench", ...process.argv.slice(2)].join(" "),
    seed,
    date: new Date().toISOString().slice(0, 10),
    results,
  };
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (values.json === undefined || values.json === "-") process.stdout.write(text);
  else {
    mkdirSync(dirname(resolve(values.json)), { recursive: true });
    writeFileSync(values.json, text);
  }
}

function line({ name, model, mode, size, backend, seconds, ratio, peer }: BenchmarkResult): string {
  const what = [name, model, size, mode, `on ${backend}`].filter(Boolean).join(" ");
  const against = ratio === undefined ? "" : `, ${ratio.toFixed(2)} times as fast as ${peer}`;
  return `${what}: ${(seconds.median * 1000).toPrecision(3)} ms${against}`;
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw wrong(`--${name}: must be an integer of at least ${least}, got ${text}`);
}

function wrong(message: string): Error {
  return Object.assign(new Error(`${message}\n${usage}`), { code: "ERR_USAGE" });
}
