import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { activateBackend } from "@infinite-former/backend";
import { eager } from "@infinite-former/command-line";
import * as tf from "@tensorflow/tfjs-core";
import { basisErrors } from "./bases/basis-errors.js";
import { hiddenStates } from "./bases/hidden-states.js";
import { machine } from "./machine.js";

// `node benchmarks/bases.js [--json FILE] [--backend NAME]`: measures the figures of docs/bases.md.
const { values } = parseArgs({ options: { json: { type: "string" }, backend: { type: "string" } } });
const chosen = await activateBackend(values.backend);
const length = 1024;
const { states, loss } = await hiddenStates(
  length,
  chosen.name === "tensorflow" ? (await import("@infinite-former/tensorflow")).compile : eager,
);
const report = {
  machine: machine(),
  versions: { node: process.versions.node, tfjs: tf.version_core, [chosen.name]: chosen.version },
  command: ["node benchmarks/bases.js", ...process.argv.slice(2)].join(" "),
  date: new Date().toISOString().slice(0, 10),
  length,
  trainingLoss: loss,
  results: basisErrors(states, [32, 128, 512]),
};
const text = `${JSON.stringify(report, null, 2)}\n`;
if (values.json === undefined) process.stdout.write(text);
else {
  mkdirSync(dirname(values.json), { recursive: true });
  writeFileSync(values.json, text);
}
