import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  errorCode,
  readAtMost,
  systemReason,
  UsageError,
  withoutFunction,
} from "@infinite-former/command-line";
import { inspectGpt2 } from "@infinite-former/gpt2/node";
import { openSafetensors, openSafetensorsModel } from "@infinite-former/safetensors/node";
import { findNewestCheckpoint, verifyCheckpoint } from "@infinite-former/training/node";
import { RunDirectory } from "./run/run-directory.js";
import { memoryFault, memoryFileLimit, memoryFormat } from "./session-memory.js";

/** One tensor of a file. */
export interface InspectedTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** A safetensors file: its header; of a memory also that not a byte has changed since it was saved. */
export interface InspectedFile {
  readonly kind: "memory" | "safetensors";
  readonly path: string;
  readonly bytes: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly InspectedTensor[];
  /** Elements in all tensors. */
  readonly parameters: number;
}

/** A checkpoint whose checksums all hold. */
export interface InspectedCheckpoint {
  readonly kind: "checkpoint";
  readonly path: string;
  readonly step: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly data: unknown;
  readonly random: unknown;
  readonly files: readonly InspectedFile[];
}

/** A run directory. */
export interface InspectedRun {
  readonly kind: "run";
  readonly path: string;
  readonly config: unknown;
  readonly steps: number;
  readonly parameters: number;
  /** The newest whole checkpoint, or `null`. */
  readonly checkpoint: { readonly path: string; readonly step: number } | null;
  /** Newer checkpoints that are damaged. */
  readonly damaged: readonly { readonly path: string; readonly reason: string }[];
  /** The last report of each split. */
  readonly lastTrain: unknown;
  readonly lastValid: unknown;
  readonly report: string | null;
}

/** Anything that `infinite-former inspect` understands. */
export type Inspected = InspectedRun | InspectedCheckpoint | InspectedFile;

/**
 * Says what a path holds, after checking it.
 *
 * @throws {UsageError} `ERR_USAGE` where it is nothing known;
 *   {SafetensorsError} or {CheckpointError} naming what is malformed.
 */
export async function inspectPath(path: string): Promise<Inspected> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    throw new UsageError(`${path}: ${systemReason(error)}`);
  }
  if (!isFolder) return inspectFile(path);
  const has = (name: string): boolean => existsSync(join(path, name));
  if (!has("state.json")) {
    if (has("model.safetensors") || has("model.safetensors.index.json") || has("pytorch_model.bin")) {
      return inspectModel(path);
    }
  }
  if (has("config.json")) return inspectRun(path);
  if (existsSync(join(path, "state.json"))) return inspectCheckpoint(path);
  throw new UsageError(
    `${path}: is neither a run directory (it has no config.json) nor a checkpoint (it has no state.json)`,
  );
}

async function inspectFile(path: string): Promise<InspectedFile> {
  let file: Awaited<ReturnType<typeof openSafetensors>>;
  try {
    file = await openSafetensors(path);
  } catch (error) {
    if (errorCode(error) === "ERR_SAFETENSORS")
      throw new UsageError((error as Error).message.replace(/^safetensors: /, ""), { cause: error });
    throw new UsageError(`${path}: ${systemReason(error)}`, { cause: error });
  }
  try {
    const tensors = [...file.tensors].map(([name, { dtype, shape, begin, end }]) => ({
      name,
      dtype,
      shape,
      bytes: end - begin,
    }));
    const { size } = await stat(path);
    const kind = file.metadata["format"] === memoryFormat ? "memory" : "safetensors";
    if (kind === "memory") await checkMemory(path, file.metadata);
    return {
      kind,
      path,
      bytes: size,
      metadata: file.metadata,
      tensors,
      parameters: countElements(tensors),
    };
  } finally {
    await file.close();
  }
}

/** @throws {UsageError} `ERR_USAGE` where no model would take a memory file. */
async function checkMemory(path: string, metadata: InspectedFile["metadata"]): Promise<void> {
  const bytes = await readAtMost(path, memoryFileLimit);
  if (bytes === null) throw new UsageError(`${path}: must have at most ${memoryFileLimit} bytes`);
  const broken = memoryFault(bytes, metadata);
  if (broken !== null) throw new UsageError(`${path}: ${broken}`);
}

/** Whether a folder's configuration is, or may be, that of a GPT-2; another kind of model is only listed. */
async function saysGpt2(path: string): Promise<boolean> {
  try {
    const config: unknown = JSON.parse(await readFile(join(path, "config.json"), "utf8"));
    const type = (config as { readonly model_type?: unknown } | null)?.model_type;
    return type === undefined || type === "gpt2";
  } catch (error) {
    return errorCode(error) !== "ENOENT";
  }
}

/** Codes of errors that say what is wrong with a model's folder. */
const modelFaults: readonly (string | undefined)[] = [
  "ERR_CONFIG",
  "ERR_GPT2_FOLDER",
  "ERR_GPT2_LAYOUT",
  "ERR_SAFETENSORS",
];

/** A model's folder as others lay it out, in one file or several; a GPT-2's weights are those of its configuration. */
async function inspectModel(path: string): Promise<InspectedFile> {
  try {
    if (await saysGpt2(path)) await inspectGpt2(path);
    const model = await openSafetensorsModel(path);
    try {
      const tensors = [...model.tensors].map(([name, { dtype, shape, begin, end }]) => ({
        name,
        dtype,
        shape,
        bytes: end - begin,
      }));
      const bytes = tensors.reduce((sum, one) => sum + one.bytes, 0);
      return { kind: "safetensors", path, bytes, metadata: {}, tensors, parameters: countElements(tensors) };
    } finally {
      await model.close();
    }
  } catch (error) {
    if (!modelFaults.includes(errorCode(error))) throw error;
    const reason = withoutFunction((error as Error).message);
    throw new UsageError(reason.includes(path) ? reason : `${path}: ${reason}`, { cause: error });
  }
}

function countElements(tensors: readonly Pick<InspectedTensor, "shape">[]): number {
  return tensors.reduce((sum, { shape }) => sum + shape.reduce((product, axis) => product * axis, 1), 0);
}

async function inspectCheckpoint(path: string): Promise<InspectedCheckpoint> {
  const { state, files } = await verifyCheckpoint(path);
  const inspected: InspectedFile[] = [];
  for (const name of Object.keys(files)) inspected.push(await inspectFile(join(path, name)));
  const { step, tokens, seconds, data, random } = state;
  return { kind: "checkpoint", path, step, tokens, seconds, data, random, files: inspected };
}

async function inspectRun(path: string): Promise<InspectedRun> {
  const directory = RunDirectory.open(path);
  const config = await directory.readConfig();
  const { newest, passedOver } = await findNewestCheckpoint(directory.checkpoints);
  const metrics = await directory.readMetrics();
  const last = (split: string): unknown => metrics.filter((line) => line.split === split).at(-1) ?? null;
  return {
    kind: "run",
    path,
    config,
    steps: config.training.steps,
    parameters: config.parameters,
    checkpoint: newest === null ? null : { path: newest.path, step: newest.step },
    damaged: passedOver.map(({ path: at, reason }) => ({ path: at, reason: withoutFunction(reason) })),
    lastTrain: last("train"),
    lastValid: last("valid"),
    report: existsSync(directory.report) ? directory.report : null,
  };
}
