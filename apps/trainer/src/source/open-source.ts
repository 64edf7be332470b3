import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { errorCode, systemReason, UsageError, withoutFunction } from "@infinite-former/command-line";
import { isRun } from "../run/is-run.js";
import { huggingFaceSource } from "./hugging-face-source.js";
import type { ModelSource, SourceWeights } from "./model-source.js";
import { runSource } from "./run-source.js";

/**
 * What `model.from` names: a folder in Hugging Face layout, a run or one of its checkpoints.
 * Its configuration, and what its weights are, are checked; the weights are not read yet.
 *
 * @throws {UsageError} `ERR_USAGE` naming what is missing or at fault.
 */
export async function openSource(path: string): Promise<ModelSource> {
  return named(path, async () => {
    if (!(await stat(path)).isDirectory()) {
      throw new UsageError("must be a folder with config.json and model.safetensors, or a run; got a file");
    }
    const source =
      /^step-\d+$/.test(basename(path)) || (await isRun(path))
        ? await runSource(path)
        : await huggingFaceSource(path);
    return { ...source, weights: (say) => named(path, async () => namedWeights(await source.weights(say))) };
  });
}

/** Weights whose faults name what they are of. */
function namedWeights({ startedFrom, load }: SourceWeights): SourceWeights {
  return { startedFrom, load: () => named(startedFrom.path, load) };
}

/** Codes of errors that say what is wrong with a model's files. */
const refusals: readonly (string | undefined)[] = [
  "ERR_USAGE",
  "ERR_CONFIG",
  "ERR_CHECKPOINT",
  "ERR_GPT2_FOLDER",
  "ERR_GPT2_LAYOUT",
  "ERR_SAFETENSORS",
];

async function named<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const own = refusals.includes(errorCode(error));
    const reason = own ? withoutFunction((error as Error).message) : systemReason(error);
    throw new UsageError(`model.from: ${reason.includes(path) ? reason : `${path}: ${reason}`}`, {
      cause: error,
    });
  }
}
