import { createInterface } from "node:readline";
import { activateBackend } from "@infinite-former/backend";
import { type Compiler, eager } from "@infinite-former/command-line";
import { registerGradients } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { wholeNumber } from "./arguments.js";
import { type Assignment, parseAssignment } from "./contender/assignment.js";
import { charTraining } from "./contender/char-step.js";
import { generation } from "./contender/generation.js";
import { gpt2Step } from "./contender/gpt2-step.js";
import { matmulPeak } from "./contender/matmul-peak.js";
import { memoryUpdate } from "./contender/memory-update.js";
import { sortingStep } from "./contender/sorting-step.js";
import type { Prepare, Subject } from "./contender/subject.js";

// One of our implementations as a process that is told when to work; see
// process/contender-process.ts for the other end of the line.
try {
  await serve();
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  console.error(process.env["DEBUG"] ? error : `contender: ${message}`);
  process.exit(code?.startsWith("ERR_PARSE_ARGS") || code === "ERR_USAGE" ? 2 : 1);
}

async function serve(): Promise<void> {
  const assignment = parseAssignment(process.argv.slice(2));
  const { name, version } = await activateBackend(assignment.backend);
  registerGradients();
  const compile = assignment.compiled ? await compilerFor(name) : eager;
  const subject = await preparationOf(assignment)(assignment, compile);
  const start = performance.now();
  await subject.run(1);
  say({
    ready: true,
    firstStepSeconds: (performance.now() - start) / 1000,
    parameters: subject.parameters,
    versions: { node: process.versions.node, tfjs: tf.version_core, [name]: version },
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

function preparationOf(assignment: Assignment): Prepare {
  switch (assignment.case) {
    case "matmul":
      return matmulPeak;
    case "memory-update":
      return memoryUpdate;
    case "generate":
      return generation;
    case "train-step":
      return { char: charTraining, gpt2: gpt2Step }[assignment.model] ?? sortingStep;
  }
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
