import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError, withoutFunction } from "@infinite-former/command-line";
import { type Vocabulary, vocabularyFromJson } from "@infinite-former/datasets";
import { createRng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { findNewestCheckpoint, loadCheckpoint, readCheckpointState } from "@infinite-former/training/node";
import { parseVocabulary, vocabularySha256 } from "./corpus/run-vocabulary.js";
import { createLanguageModel, disposeLanguageModel } from "./language-model.js";
import type { TrainerModel } from "./models/trainer-model.js";
import { noWholeCheckpoint } from "./run/no-whole-checkpoint.js";
import { type RunConfig, RunDirectory } from "./run/run-directory.js";

/** A model as training left it, with what it needs to read and write text. */
export interface TrainedModel {
  readonly model: TrainerModel;
  readonly vocabulary: Vocabulary;
  readonly run: RunConfig;
  /** Folder of the checkpoint. */
  readonly checkpoint: string;
  readonly step: number;
  /** SHA-256 of the weights' file: tells two states of one model apart. */
  readonly weightsSha256: string;
  dispose(): void;
}

/**
 * Loads the newest whole checkpoint of a run, or one certain checkpoint.
 *
 * @param path a run directory, or a folder `…/checkpoints/step-N` in one.
 * @param say is told which damaged checkpoints were passed over.
 * @throws {UsageError} `ERR_USAGE` where the path is neither, or has no whole checkpoint.
 * @throws {CheckpointError} `ERR_CHECKPOINT` naming the damaged file of a checkpoint given by its path.
 */
export async function loadTrainedModel(path: string, say: (line: string) => void): Promise<TrainedModel> {
  const whole = resolve(path);
  const isCheckpoint = /^step-\d+$/.test(basename(whole)) && existsSync(join(whole, "state.json"));
  const directory = isCheckpoint ? dirname(dirname(whole)) : whole;
  const run = await RunDirectory.open(directory).readConfig();
  const checkpoint = isCheckpoint ? whole : await newestCheckpoint(directory, say);
  const vocabulary = await vocabularyOf(directory, run);
  const blank = createLanguageModel(run.model, vocabulary, createRng(0));
  try {
    const { files } = await readCheckpointState(checkpoint);
    const { trees, state } = await loadCheckpoint(checkpoint, { model: blank.params });
    disposeTree(blank.params);
    const model: TrainerModel = { ...blank, params: trees.model };
    return {
      model,
      vocabulary,
      run,
      checkpoint,
      step: state.step,
      weightsSha256: files["model.safetensors"]?.sha256 ?? "",
      dispose: () => disposeLanguageModel(model),
    };
  } catch (error) {
    disposeLanguageModel(blank);
    throw error;
  }
}

/**
 * The vocabulary of a run: characters stand in its `config.json`, words and
 * byte pairs in `vocabulary.json` beside it.
 *
 * @throws {UsageError} `ERR_USAGE` naming the file that is missing or damaged.
 */
export async function vocabularyOf(directory: string, { vocabulary }: RunConfig): Promise<Vocabulary> {
  if (!("sha256" in vocabulary)) {
    const characters = vocabulary.join("");
    return vocabularyFromJson({ format: "infinite-former/characters", version: 1, characters });
  }
  const file = join(directory, "vocabulary.json");
  try {
    const found = parseVocabulary(await readFile(file, "utf8"));
    const sha256 = await vocabularySha256(found);
    if (sha256 === vocabulary.sha256) return found;
    throw new Error(`is another than config.json names (SHA-256 ${sha256}, there ${vocabulary.sha256})`);
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Folder of the newest whole checkpoint of a run.
 *
 * @param say is told which damaged ones were passed over.
 * @throws {UsageError} `ERR_USAGE` where there is none.
 */
export async function newestCheckpoint(path: string, say: (line: string) => void): Promise<string> {
  const directory = RunDirectory.open(path);
  const { newest, passedOver } = await findNewestCheckpoint(directory.checkpoints);
  for (const { path: damaged, reason } of passedOver)
    say(`${damaged} is passed over: ${withoutFunction(reason)}`);
  if (newest !== null) return newest.path;
  if (passedOver.length > 0) throw noWholeCheckpoint(directory);
  throw new UsageError(`${path}: has no checkpoint yet; train it with --resume ${path}`);
}
