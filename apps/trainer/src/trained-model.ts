import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "@infinite-former/command-line";
import { type CharacterVocabulary, vocabularyFromJson } from "@infinite-former/datasets";
import { createRng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { findNewestCheckpoint, loadCheckpoint, readCheckpointState } from "@infinite-former/training/node";
import type { TransformerModel } from "@infinite-former/transformer";
import { createLanguageModel, disposeLanguageModel } from "./language-model.js";
import { type RunConfig, RunDirectory } from "./run/run-directory.js";

/** A model as training left it, with what it needs to read and write text. */
export interface TrainedModel {
  readonly model: TransformerModel;
  readonly vocabulary: CharacterVocabulary;
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
  const vocabulary = vocabularyOf(run);
  const blank = createLanguageModel(run.model, vocabulary.size, createRng(0));
  try {
    const { files } = await readCheckpointState(checkpoint);
    const { trees, state } = await loadCheckpoint(checkpoint, { model: blank.params });
    disposeTree(blank.params);
    const model: TransformerModel = { ...blank, params: trees.model };
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

/** The characters of a run, in the order of their ids. */
export function vocabularyOf(run: RunConfig): CharacterVocabulary {
  const characters = run.vocabulary.join("");
  return vocabularyFromJson({ format: "infinite-former/characters", version: 1, characters });
}

async function newestCheckpoint(directory: string, say: (line: string) => void): Promise<string> {
  const folder = RunDirectory.open(directory).checkpoints;
  const { newest, passedOver } = await findNewestCheckpoint(folder);
  for (const { path, reason } of passedOver) say(`${path} is passed over: ${reason}`);
  if (newest !== null) return newest.path;
  const why = passedOver.length === 0 ? "has no checkpoint yet" : "has no whole checkpoint";
  throw new UsageError(`${directory}: ${why}; train it with --resume ${directory}`);
}
