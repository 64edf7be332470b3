import { join, resolve } from "node:path";
import { runsFolder, UsageError } from "@infinite-former/command-line";
import type { Gpt2Config } from "@infinite-former/gpt2";
import { findPreset, presets } from "../config/presets.js";
import { type DialogueSettings, settingsOf } from "../config/resolve.js";
import { type ModelName, modelNames } from "../model/names.js";
import { inspectSource } from "../model/source.js";

/** What `dialogue train` was asked for. */
export interface TrainRequest {
  readonly model?: string;
  readonly preset?: string;
  readonly from?: string;
  readonly data?: string;
  readonly set: readonly string[];
  readonly steps?: number;
  readonly seed?: number;
  readonly out?: string;
  readonly resume?: boolean;
}

/** A new run as it was asked for. */
export interface PlannedRun {
  readonly model: ModelName;
  readonly preset: string;
  readonly seed: number;
  /** Absolute; `null` for new weights. */
  readonly from: string | null;
  readonly source: Gpt2Config | null;
  readonly settings: DialogueSettings;
}

/** The model that was asked for. @throws {UsageError} `ERR_USAGE` naming the models that there are. */
export function modelOf({ model = "gpt2-infinite-sticky" }: TrainRequest): ModelName {
  const name = modelNames.find((one) => one === model);
  if (name !== undefined) return name;
  throw new UsageError(`--model must be ${modelNames.join(", ")}, got ${JSON.stringify(model)}`);
}

/** Where a run lies that nobody named a place for: `runs/dialogue/MODEL-SEED`. */
export function folderOf(request: TrainRequest, cwd: string): string {
  if (request.out !== undefined) return resolve(cwd, request.out);
  return join(runsFolder(import.meta.url, cwd), "dialogue", `${modelOf(request)}-${request.seed ?? 1}`);
}

/** @throws {UsageError} or {ConfigFaultsError} with what is wrong with the request. */
export async function planRun(request: TrainRequest, cwd: string): Promise<PlannedRun> {
  const model = modelOf(request);
  const preset = findPreset(request.preset ?? (presets[0]?.name as string));
  const from = request.from === undefined ? null : resolve(cwd, request.from);
  if (from === null && preset.needs !== null) {
    throw new UsageError(`--preset ${preset.name} needs ${preset.needs}`);
  }
  const source = from === null ? null : await inspectSource(from, model);
  const steps = request.steps === undefined ? [] : [`training.steps=${request.steps}`];
  const settings = settingsOf(model, preset, source, [...request.set, ...steps]);
  return { model, preset: preset.name, seed: request.seed ?? 1, from, source, settings };
}

/** @throws {UsageError} `ERR_USAGE` where a run that goes on is told to be another. */
export function assertContinues(
  directory: string,
  request: TrainRequest,
  run: { readonly model: ModelName; readonly seed: number },
): void {
  const { set, steps, from, preset } = request;
  const given = Object.entries({ set: set.length > 0 || undefined, steps, from, preset })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `--${name}`);
  if (given.length > 0) {
    throw new UsageError(`--resume goes on with the run's own settings; leave out ${given.join(", ")}`);
  }
  for (const field of ["model", "seed"] as const) {
    const asked = request[field];
    if (asked !== undefined && asked !== run[field]) {
      throw new UsageError(`${directory}: has --${field} ${run[field]}, got --${field} ${asked}`);
    }
  }
}
