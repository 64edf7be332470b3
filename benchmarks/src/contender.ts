import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { activateBackend } from "@infinite-former/backend";
import { type Compiler, eager } from "@infinite-former/command-line";
import { registerGradients } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { wholeNumber, wrong } from "./arguments.js";
import { charTraining } from "./contender/char-step.js";
import { generation } from "./contender/generation.js";
import { gpt2Step } from "./contender/gpt2-step.js";
import { matmulPeak } from "./contender/matmul-peak.js";
import { memoryUpdate } from "./contender/memory-update.js";
import { sortingStep } from "./contender/sorting-step.js";
import type { Assignment, Subject } from "./contender/subject.js";
import { sortingModels } from "./sorting-settings.js";

// One of our implementations as a process that is told when to work; see
// process/contender-process.ts for the other end of the line.
try {
  await serve();
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  console.error(process.env["DEBUG"] ? error : `contender: ${message}`);
  process.exitCode = code?.startsWith("ERR_PARSE_ARGS") || code === "ERR_USAGE" ? 2 : 1;
}

async function serve(): Promise<void> {
  const { values } = parseArgs({
    options: {
      case: { type: "string", default: "train-step" },
      model: { type: "string", default: "infinite-former" },
      size: { type: "string", default: "a" },
      mode: { type: "string", default: "compiled" },
      memory: { type: "string", default: "off" },
      sequences: { type: "string", default: "1" },
      seed: { type: "string", default: "1" },
      backend: { type: "string" },
    },
  });
  const make = subjectFor(values.case, values.model);
  const chosen = await activateBackend(values.backend);
  registerGradients();
  const assignment: Assignment = {
    case: values.case,
    model: values.model,
    size: values.size,
    memory: values.memory === "on",
    sequences: wholeNumber("sequences", values.sequences, 1),
    seed: wholeNumber("seed", values.seed, 0),
    compile: values.mode === "eager" ? eager : await compilerFor(chosen.name),
  };
  const subject = await make(assignment);
  const start = performance.now();
  await subject.run(1);
  say({
    ready: true,
    firstStepSeconds: (performance.now() - start) / 1000,
    parameters: subject.parameters,
    versions: { node: process.versions.node, tfjs: tf.version_core, [chosen.name]: chosen.version },
    peakRssBytes: peakRssBytes(),
  });
  await answer(subject);
}

async function answer(subject: Subject): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === "quit") break;
    const units = wholeNumber("run", line.replace(/^run /, ""), 1);
    const start = performance.now();
    const outcome = await subject.run(units);
    const seconds = (performance.now() - start) / 1000;
    say({ seconds, units, ...outcome, peakRssBytes: peakRssBytes() });
  }
  process.exit(0); // tensors and native threads go with the process
}

function subjectFor(name: string, model: string): (assignment: Assignment) => Promise<Subject> {
  if (name === "matmul") return matmulPeak;
  if (name === "memory-update") return memoryUpdate;
  if (name === "generate") return generation;
  if (name === "train-step") {
    if (model === "char") return charTraining;
    if (model === "gpt2") return gpt2Step;
    if (sortingModels.some((one) => one === model)) return sortingStep;
    throw wrong(`--model: no model ${model}; there are ${[...sortingModels, "char", "gpt2"].join(", ")}`);
  }
  throw wrong(`--case: no case ${name}; there are train-step, generate, memory-update, matmul`);
}

async function compilerFor(backend: string): Promise<Compiler> {
  if (backend !== "tensorflow") return eager;
  const { compile } = await import("@infinite-former/tensorflow");
  return compile as unknown as Compiler;
}

function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function peakRssBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
