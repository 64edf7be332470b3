import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { activateBackend } from "@infinite-former/backend";
import { registerGradients } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { machine } from "./machine.js";
import { binMassFigures } from "./numerics/bin-mass.js";
import { canonicalFigures, parabolaFigures } from "./numerics/density.js";
import { fitFigures } from "./numerics/fit.js";
import { growths } from "./numerics/growth.js";
import { updateFigures } from "./numerics/update.js";

// `pnpm numerics [--json FILE] [--backend NAME]`: measures the figures of docs/numerics.md.
const { values } = parseArgs({ options: { json: { type: "string" }, backend: { type: "string" } } });
const chosen = await activateBackend(values.backend);
registerGradients();
const report = {
  machine: machine(),
  versions: { node: process.versions.node, tfjs: tf.version_core, [chosen.name]: chosen.version },
  command: ["pnpm numerics", ...process.argv.slice(2)].join(" "),
  backend: chosen.name,
  date: new Date().toISOString().slice(0, 10),
  figures: [
    ...fitFigures(),
    ...updateFigures(),
    ...canonicalFigures(),
    ...parabolaFigures(),
    ...binMassFigures(),
  ],
  growths: growths(),
};
const text = `${JSON.stringify(report, null, 2)}\n`;
if (values.json === undefined) process.stdout.write(text);
else {
  mkdirSync(dirname(values.json), { recursive: true });
  writeFileSync(values.json, text);
}
