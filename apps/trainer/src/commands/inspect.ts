import { resolve } from "node:path";
import { type CommandCall, type CommonOptions, result, resultJson } from "@infinite-former/command-line";
import { type Inspected, type InspectedFile, type InspectedRun, inspectPath } from "../inspection.js";
import { modelName } from "../models/model-name.js";
import type { MetricsLine } from "../run/metrics.js";
import type { RunConfig } from "../run/run-directory.js";
import type { StartedFrom } from "../source/model-source.js";

/** `infinite-former inspect PATH`: what a run directory, checkpoint, memory file or safetensors file holds. */
export async function inspectCommand(
  { io }: CommandCall,
  path: string,
  options: CommonOptions,
): Promise<number> {
  const inspected = await inspectPath(resolve(io.cwd, path));
  if (options.json === true) resultJson(io, inspected);
  else for (const line of describe(inspected)) result(io, printable(line));
  return 0;
}

function describe(inspected: Inspected): string[] {
  if (inspected.kind === "run") return describeRun(inspected);
  if (inspected.kind !== "checkpoint") return describeFile(inspected);
  const { path, step, tokens, seconds, data, files } = inspected;
  return [
    `checkpoint ${path}: step ${step}, ${tokens} tokens, ${seconds.toFixed(1)} s of training, all checksums hold`,
    `data position ${JSON.stringify(data)}`,
    ...files.flatMap((file) => describeFile(file)),
  ];
}

function describeRun({
  path,
  config,
  steps,
  parameters,
  checkpoint,
  damaged,
  ...rest
}: InspectedRun): string[] {
  const { model, corpus, backend, preset, vocabulary, startedFrom } = config as RunConfig;
  const valid = rest.lastValid as MetricsLine | null;
  const train = rest.lastTrain as MetricsLine | null;
  return [
    `run ${path}: preset ${preset}, ${modelName(model)}, ${model.layers} layers of width ${model.modelSize}, ${parameters} parameters`,
    `data: ${corpus.source}, ${corpus.trainTokens} ${Array.isArray(vocabulary) ? "characters" : "tokens"} to train, ${corpus.validTokens} to validate; backend ${backend.name}`,
    ...(startedFrom === undefined ? [] : [`started from ${describeStart(startedFrom)}`]),
    checkpoint === null ? "no whole checkpoint" : `newest checkpoint: step ${checkpoint.step} of ${steps}`,
    ...damaged.map(({ path: at, reason }) => `damaged: ${at}: ${reason}`),
    ...(train === null ? [] : [`training loss ${train.loss.toFixed(4)} at step ${train.step}`]),
    ...(valid === null ? [] : [`validation loss ${valid.loss.toFixed(4)} at step ${valid.step}`]),
    ...(rest.report === null ? [] : [`report: ${rest.report}`]),
  ];
}

function describeStart({ path, step }: StartedFrom): string {
  return step === undefined ? path : `${path}, step ${step}`;
}

function describeFile({ kind, path, bytes, metadata, tensors, parameters }: InspectedFile): string[] {
  const entries = Object.entries(metadata).map(
    ([key, value]) => `  ${key}: ${value.length > 120 ? `${value.slice(0, 117)}...` : value}`,
  );
  const width = Math.min(60, Math.max(4, ...tensors.map(({ name }) => name.length)));
  return [
    `${kind === "memory" ? "memory" : "safetensors"} ${path}: ${bytes} bytes, ${tensors.length} tensors, ${parameters} numbers`,
    ...entries,
    ...tensors.map(({ name, dtype, shape }) => `  ${name.padEnd(width)} ${dtype} [${shape.join(", ")}]`),
  ];
}

/** Names and metadata come from anywhere: no control characters reach the terminal. */
function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
