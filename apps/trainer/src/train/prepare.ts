import { resolve } from "node:path";
import {
  ConfigFaultsError,
  describeDifferences,
  type Io,
  runsFolder,
  type SettingDifference,
  shown,
  UsageError,
} from "@infinite-former/command-line";
import type { Vocabulary } from "@infinite-former/datasets";
import { checkpointSteps } from "@infinite-former/training/node";
import { readConfigFile } from "../config/config-file.js";
import { differences, isLength } from "../config/difference.js";
import { baseConfig, nativePreset, type Preset, portablePreset } from "../config/presets.js";
import { findPreset, presetConfig, resolveConfig, settingValue } from "../config/resolve.js";
import type { TrainerConfig } from "../config/schema.js";
import { isPath, type SettingsRead, settingOf } from "../config/settings.js";
import type { Corpus } from "../corpus/corpus.js";
import { openCorpus } from "../corpus/open-corpus.js";
import { buildVocabulary } from "../corpus/run-vocabulary.js";
import { checkModel } from "../language-model.js";
import { isRun } from "../run/is-run.js";
import { type RunConfig, RunDirectory } from "../run/run-directory.js";
import type { ModelSource } from "../source/model-source.js";
import { openSource } from "../source/open-source.js";
import { settingsFromSource } from "../source/settings-from-source.js";
import { vocabularyOf } from "../trained-model.js";
import { assertChangeable } from "./fixed-settings.js";
import { tokenizerNotes, unreadNotes, vocabularyNotes } from "./notes.js";

/** What `train` was asked for, as far as it decides the configuration. */
export interface TrainRequest {
  readonly preset?: string;
  readonly config?: string;
  readonly set?: readonly string[];
  readonly steps?: string;
  readonly seed?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly allowConfigChange?: boolean;
}

/** A run about to begin or go on; nothing is written yet. */
export interface PreparedRun {
  readonly presetName: string;
  readonly config: TrainerConfig;
  readonly corpus: Corpus;
  readonly vocabulary: Vocabulary;
  /** What a new run starts from; `null` for new weights. A run that is resumed names it in `model.from`, if it has no checkpoint yet. */
  readonly source: ModelSource | null;
  /** The run that is resumed, and its own configuration; `null` for a new run. */
  readonly resumed: { readonly directory: string; readonly config: RunConfig } | null;
  /** Where the run's files go, `null` for a new name under `runs/`. */
  readonly out: string | null;
  /** Whether it may be resumed with other settings or another text than its own. */
  readonly allowChange: boolean;
  /** Lines to say on stderr. */
  readonly notes: readonly string[];
}

/**
 * Resolves configuration, corpus and vocabulary of a run, and checks that its
 * directory can be used. Reads only.
 *
 * @param native whether native TensorFlow computes: decides the preset where none is named.
 * @throws {ConfigFaultsError} or {UsageError} with all that is wrong.
 */
export async function prepareRun(
  request: TrainRequest,
  io: Pick<Io, "cwd" | "env">,
  native: boolean,
): Promise<PreparedRun> {
  return request.resume === undefined
    ? prepareNew(request, io, native)
    : prepareResumed(request, io, resolve(io.cwd, request.resume));
}

async function prepareNew(
  request: TrainRequest,
  { cwd, env }: Pick<Io, "cwd" | "env">,
  native: boolean,
): Promise<PreparedRun> {
  const preset = findPreset(request.preset ?? (native ? nativePreset : portablePreset));
  const asked = await requested(request, cwd);
  const { config, source } = await newConfig(preset, asked);
  const out = request.out === undefined ? null : resolve(cwd, request.out);
  if (out !== null) await RunDirectory.checkVacant(out);
  const corpus = await openCorpus(config.data, env);
  const { tokenizer } = config.data;
  const vocabulary = (await isRun(tokenizer))
    ? await vocabularyOf(tokenizer, await RunDirectory.open(tokenizer).readConfig())
    : await buildVocabulary(corpus, config.data);
  checkVocabulary(config, vocabulary);
  checkClusters(config, vocabulary);
  checkModel(config.model, vocabulary.size);
  const notes =
    request.preset === undefined && !native
      ? [
          `preset ${preset.name}: made for running without native TensorFlow, which would be faster (infinite-former doctor says how to get it)`,
        ]
      : [`preset ${preset.name}`];
  notes.push(...unreadNotes(config, asked, preset, source), ...tokenizerNotes(config, source));
  notes.push(...vocabularyNotes(config, vocabulary));
  return {
    presetName: preset.name,
    config,
    corpus,
    vocabulary,
    source,
    resumed: null,
    out,
    allowChange: false,
    notes,
  };
}

/** The configuration of a new run, and what it starts from. */
async function newConfig(
  preset: Preset,
  asked: readonly SettingsRead[],
): Promise<{ readonly config: TrainerConfig; readonly source: ModelSource | null }> {
  const sources = withoutEpochsWhereSteps(asked);
  const { value: from = null } =
    sources.flatMap(({ settings }) => settings.filter(({ path }) => path === "model.from")).at(-1) ?? {};
  const source = typeof from === "string" && from !== "" ? await openSource(from) : null;
  const config =
    source === null
      ? resolveConfig(presetConfig(preset), sources)
      : settingsFromSource(preset, sources, source);
  const missing = (preset.needs ?? []).filter(({ path }) => settingValue(config, path) === null);
  if (missing.length > 0) {
    throw new ConfigFaultsError(
      missing.map(({ path, what }) => ({
        path,
        message: `must be given for the preset ${preset.name}: ${what}`,
      })),
    );
  }
  return { config, source };
}

/** Steps that were asked for stand above a preset's passes over the text. */
function withoutEpochsWhereSteps(sources: readonly SettingsRead[]): readonly SettingsRead[] {
  const paths = new Set(sources.flatMap(({ settings }) => settings.map(({ path }) => path)));
  if (!paths.has("training.steps") || paths.has("training.epochs")) return sources;
  return [
    ...sources,
    { settings: [{ path: "training.epochs", value: null, origin: "training.steps" }], faults: [] },
  ];
}

/** @throws {ConfigFaultsError} where the clusters that begin within a vocabulary cannot have a width each. */
function checkClusters({ model }: TrainerConfig, { size }: Vocabulary): void {
  const { modelSize, divisor } = model;
  const clusters = model.cutoffs.filter((id) => id < size).length;
  if (modelSize % divisor ** clusters === 0) return;
  throw new ConfigFaultsError([
    {
      path: "model.divisor",
      message: `must divide model.modelSize (${modelSize}) once for each of ${clusters} model.cutoffs, got ${divisor}`,
    },
  ]);
}

/** @throws {ConfigFaultsError} where a tokenizer has ids that the model's table of tokens has no row for. */
function checkVocabulary({ model, data }: TrainerConfig, { size }: Vocabulary): void {
  const { tokenRows } = model;
  if (tokenRows === null || size <= tokenRows) return;
  throw new ConfigFaultsError([
    {
      path: "data.tokenizer",
      message: `gives ids from 0 to ${size - 1}, and the model's table of tokens has ${tokenRows} rows: give the tokenizer that belongs to it, got ${shown(data.tokenizer)}`,
    },
  ]);
}

async function prepareResumed(
  request: TrainRequest,
  { cwd, env }: Pick<Io, "cwd" | "env">,
  directory: string,
): Promise<PreparedRun> {
  const stored = await RunDirectory.open(directory).readConfig();
  const base = request.preset === undefined ? stored : presetConfig(findPreset(request.preset));
  const config = resolveConfig(base, withoutEpochsWhereSteps(await requested(request, cwd)));
  const corpus = await openCorpus(config.data, env);
  const changed: SettingDifference[] = differences(stored, config).filter(
    (difference) => !isLength(difference),
  );
  const { checkpoints } = RunDirectory.open(directory);
  const steps = await checkpointSteps(checkpoints).catch(() => []); // why, is said where it is written to
  assertChangeable(`--resume ${directory}`, changed, steps.length > 0);
  if (corpus.sha256 !== stored.dataSha256) {
    changed.push({ path: "dataSha256", before: stored.dataSha256, after: corpus.sha256 });
  }
  if (changed.length > 0 && request.allowConfigChange !== true) {
    throw new UsageError(
      `--resume ${directory}: differs from the run's own configuration:\n${describeDifferences(changed)}\n` +
        "  leave these as they were, begin a new run, or give --allow-config-change",
    );
  }
  const notes =
    changed.length === 0 ? [] : [`changed by --allow-config-change:\n${describeDifferences(changed)}`];
  const elsewhere = request.out === undefined ? directory : resolve(cwd, request.out);
  if (elsewhere !== directory) await RunDirectory.checkVacant(elsewhere);
  return {
    presetName: request.preset ?? stored.preset,
    config,
    corpus,
    vocabulary: await vocabularyOf(directory, stored),
    source: null,
    resumed: { directory, config: stored },
    out: elsewhere,
    allowChange: request.allowConfigChange === true,
    notes,
  };
}

/** The settings of file, `--set` and flags, in rising rank. */
async function requested(request: TrainRequest, cwd: string): Promise<SettingsRead[]> {
  const sources: SettingsRead[] = [];
  if (request.config !== undefined) sources.push(await readConfigFile(resolve(cwd, request.config)));
  const like = (path: string): unknown => settingValue(baseConfig, path);
  for (const assignment of request.set ?? []) sources.push(located(settingOf(assignment, like), cwd));
  for (const [flag, path] of [
    ["steps", "training.steps"],
    ["seed", "training.seed"],
  ] as const) {
    const text = request[flag];
    if (text === undefined) continue;
    const number = text.trim() === "" ? Number.NaN : Number(text);
    const value = Number.isNaN(number) ? text : number;
    sources.push({ settings: [{ path, value, origin: `--${flag}` }], faults: [] });
  }
  return sources;
}

/** A text given on the command line is found from the current folder, whatever the run is resumed from later. */
function located(read: SettingsRead, cwd: string): SettingsRead {
  const settings = read.settings.map((setting) => {
    const text = isPath(setting.path, setting.value);
    return text ? { ...setting, value: resolve(cwd, setting.value as string) } : setting;
  });
  return { ...read, settings };
}

/** The name of a new run under `runs/`, and that folder. */
export function defaultPlace(
  presetName: string,
  cwd: string,
): { readonly folder: string; readonly name: string } {
  return { folder: runsFolder(import.meta.url, cwd), name: presetName };
}
