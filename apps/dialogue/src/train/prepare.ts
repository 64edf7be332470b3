import {
  type CommandCall,
  describeMachine,
  describeVersions,
  notice,
  UsageError,
} from "@infinite-former/command-line";
import { type BytePairDialogueCoder, type CmuDog, dialogueCoder } from "@infinite-former/datasets";
import { type Gpt2, memoryLayers } from "@infinite-former/gpt2";
import { createRng } from "@infinite-former/random";
import { countParameters } from "@infinite-former/tensor";
import type { FoundCheckpoint } from "@infinite-former/training/node";
import type { DialogueConfig } from "../config/dialogue-config.js";
import { assertRunSettings, resolveModel } from "../config/resolve.js";
import { openData } from "../data/open-data.js";
import type { SegmentSizes } from "../data/segments.js";
import { openTokenizer } from "../data/tokenizer.js";
import { openModel } from "../model/open-model.js";
import { assertSource, hashSource } from "../model/source.js";
import { assertOwn } from "../run/continuation.js";
import { type RunRecord, readRun, readRunTokenizer, recordFile, writeRun } from "../run/run-record.js";
import { dialogueVersion } from "../version.js";
import { assertContinues, type PlannedRun, planRun, type TrainRequest } from "./plan-run.js";

/** A run with its data and its model. */
export interface PreparedRun {
  readonly record: RunRecord;
  readonly data: CmuDog;
  readonly coder: BytePairDialogueCoder;
  /** Owned by who prepared it. */
  readonly model: Gpt2;
}

/** What a new run is made of, beside its model. */
export interface NewRun extends PlannedRun {
  readonly data: CmuDog;
  readonly coder: BytePairDialogueCoder;
  readonly config: DialogueConfig;
  readonly fromSha256: Readonly<Record<string, string>> | null;
}

/** Reads and checks what a new run needs; nothing is written. */
export async function prepareNew({ io }: CommandCall, request: TrainRequest): Promise<NewRun> {
  const plan = await planRun(request, io.cwd);
  const { settings, from, source } = plan;
  const vocabulary = await openTokenizer(settings.data.tokenizer, from, io.cwd);
  const coder = dialogueCoder(vocabulary);
  if (source !== null && vocabulary.size > source.vocabularySize) {
    throw new UsageError(
      `data.tokenizer: gives ids from 0 to ${vocabulary.size - 1}, and the table of tokens of ${from} has ${source.vocabularySize} rows: give the tokenizer that belongs to it`,
    );
  }
  const rows = Math.max(source?.vocabularySize ?? 0, coder.vocabulary.size);
  const config: DialogueConfig = { ...settings, model: resolveModel(settings, rows) };
  const data = await openData(request.data, io.cwd, io.env);
  return { ...plan, config, coder, data, fromSha256: from === null ? null : await hashSource(from) };
}

/** Makes the model of a new run, and writes what the run is. */
export async function beginRun(
  { typed }: CommandCall,
  directory: string,
  run: NewRun,
  backend: { readonly name: string; readonly version: string },
): Promise<PreparedRun> {
  const { model: name, preset, seed, from, fromSha256, config, coder, data } = run;
  const model = await firstModel(run);
  const known = {
    format: "infinite-former/dialogue-run",
    formatVersion: 1,
    model: name,
    preset,
    seed,
    from,
    fromSha256,
    config,
    dataSha256: data.sha256,
    parameters: countParameters(model.params),
    versions: describeVersions({ name: "@infinite-former/dialogue", version: dialogueVersion() }, backend),
    machine: describeMachine(),
    command: typed,
  } as const;
  const record = await writeRun(directory, known, coder.vocabulary);
  return { record, data, coder, model };
}

/** A run that goes on, or is looked at, from its newest whole checkpoint: the model has weights of no meaning until it is loaded. */
export async function openRun(
  call: CommandCall,
  directory: string,
  request: Pick<TrainRequest, "data">,
): Promise<PreparedRun> {
  const run = await openRecord(call, directory, request);
  return { ...run, model: await openModel(run.record.config.model, null, "authors", createRng(0)) };
}

async function openRecord(
  { io }: CommandCall,
  directory: string,
  request: Pick<TrainRequest, "data">,
): Promise<Omit<PreparedRun, "model">> {
  const record = await readRun(directory);
  const coder = dialogueCoder(await readRunTokenizer(directory, record));
  const data = await openData(request.data, io.cwd, io.env);
  if (data.sha256 !== record.dataSha256) {
    throw new UsageError(
      `${directory}: was trained on other data (SHA-256 ${record.dataSha256}), got ${data.sha256}; give its own with --data`,
    );
  }
  return { record, data, coder };
}

/**
 * A run that is to be trained on. Stopped before its first checkpoint, it has the model that it began with.
 *
 * @param checkpoint where it goes on; `null` for its beginning.
 */
export async function resumeRun(
  call: CommandCall,
  directory: string,
  request: TrainRequest,
  checkpoint: FoundCheckpoint["newest"],
): Promise<PreparedRun> {
  const record = await readRun(directory);
  assertContinues(directory, request, record);
  if (checkpoint !== null) assertOwn(checkpoint.path, checkpoint.state, record);
  assertRunSettings(recordFile(directory), record.config);
  if (checkpoint !== null) return openRun(call, directory, request);
  const run = await openRecord(call, directory, request);
  const { from, fromSha256 } = record;
  if (from !== null && fromSha256) await assertSource(directory, from, fromSha256);
  notice(call.io, `${directory}: has no checkpoint; starting from its config.json`);
  return { ...run, model: await firstModel(run.record) };
}

/** The model that a run begins with: the same whenever it is made. */
function firstModel({ config, from, seed }: Pick<RunRecord, "config" | "from" | "seed">): Promise<Gpt2> {
  return openModel(config.model, from, config.training.memoryStart, createRng(seed).split("model"));
}

/** How responses are laid into a run's segments. */
export function sizesOf({ config }: RunRecord, coder: BytePairDialogueCoder): SegmentSizes {
  return {
    segmentLength: config.model.segmentLength,
    responseTokens: config.data.responseTokens,
    padding: coder.tokens.padding,
    remembers: memoryLayers(config.model).length > 0,
  };
}
