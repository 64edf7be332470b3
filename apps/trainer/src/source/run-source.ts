import { basename, dirname } from "node:path";
import { UsageError } from "@infinite-former/command-line";
import { readCheckpointState } from "@infinite-former/training/node";
import { gpt2Config } from "../models/gpt2-model.js";
import { RunDirectory } from "../run/run-directory.js";
import { loadTrainedModel, newestCheckpoint, vocabularyOf } from "../trained-model.js";
import { gpt2Settings } from "./gpt2-settings.js";
import type { ModelSource } from "./model-source.js";

/** A GPT-2 that was trained here: the newest whole checkpoint of a run, or a certain one. */
export async function runSource(path: string): Promise<ModelSource> {
  const isCheckpoint = /^step-\d+$/.test(basename(path));
  const directory = isCheckpoint ? dirname(dirname(path)) : path;
  const run = await RunDirectory.open(directory).readConfig();
  if (run.model.kind !== "gpt2") {
    throw new UsageError(`must be a GPT-2, got a model of the kind "${run.model.kind}"`);
  }
  const { size } = await vocabularyOf(directory, run);
  return {
    path,
    ...gpt2Settings(gpt2Config(run.model, size)),
    tokenizer: run.data.tokenizer === "gpt2" ? "gpt2" : directory,
    tokenizerIsItsOwn: true,
    async weights(say) {
      const checkpoint = isCheckpoint ? path : await newestCheckpoint(directory, say);
      const { state, files } = await readCheckpointState(checkpoint);
      const own = Object.entries(files).filter(([name]) => name === "model.safetensors");
      return {
        startedFrom: {
          path,
          step: state.step,
          files: Object.fromEntries(own.map(([name, { sha256 }]) => [name, sha256])),
        },
        async load() {
          const { model } = await loadTrainedModel(checkpoint, say);
          model.disposeConstants();
          return model.params;
        },
      };
    },
  };
}
