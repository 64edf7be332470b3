import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  describeDifferences,
  errorCode,
  hashFiles,
  settingDifferences,
  systemReason,
  UsageError,
  withoutFunction,
} from "@infinite-former/command-line";
import type { Gpt2Config } from "@infinite-former/gpt2";
import { gpt2Files, inspectGpt2 } from "@infinite-former/gpt2/node";
import type { ModelName } from "./names.js";

/** Codes of errors that say what is wrong with a model's files. */
const refusals: readonly (string | undefined)[] = [
  "ERR_USAGE",
  "ERR_CONFIG",
  "ERR_GPT2_FOLDER",
  "ERR_GPT2_LAYOUT",
  "ERR_SAFETENSORS",
];

/** What is said of `--from`, whatever was found wrong with it. */
export async function namedFrom<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const own = refusals.includes(errorCode(error));
    const reason = own ? withoutFunction((error as Error).message) : systemReason(error);
    throw new UsageError(`--from ${reason.includes(path) ? reason : `${path}: ${reason}`}`, { cause: error });
  }
}

/**
 * The configuration of the GPT-2 that a run starts from, once its weights are
 * known to be those that it asks for.
 *
 * @throws {UsageError} `ERR_USAGE` naming what is missing or at fault, or the memory that does not fit the model's name.
 */
export async function inspectSource(path: string, name: ModelName): Promise<Gpt2Config> {
  return namedFrom(path, async () => {
    if (!(await stat(path)).isDirectory()) {
      throw new UsageError("must be a folder with config.json and model.safetensors, got a file");
    }
    if (await isRun(path)) {
      throw new UsageError(
        `${path}: is a run of infinite-former; write it in Hugging Face layout first: infinite-former export ${path} FOLDER`,
      );
    }
    const config = await inspectGpt2(path);
    const memory =
      config.longTerm !== undefined ? "long-term" : config.compressed !== undefined ? "compressed" : null;
    const wanted = name === "gpt2" ? null : name === "gpt2-compressive" ? "compressed" : "long-term";
    if (memory !== null && memory !== wanted) {
      throw new UsageError(
        `must have no ${memory} memory to become a ${name}; give another --model or --from`,
      );
    }
    return config;
  });
}

/** SHA-256 of the files that a model is read from, by name. @throws {UsageError} `ERR_USAGE`. */
export function hashSource(path: string): Promise<Record<string, string>> {
  return namedFrom(path, async () => hashFiles(path, await gpt2Files(path)));
}

/**
 * Checks that a folder still holds the files that a run was to begin with.
 *
 * @param digests what `hashSource` gave then.
 * @throws {UsageError} `ERR_USAGE` with the files that differ.
 */
export async function assertSource(
  directory: string,
  path: string,
  digests: Readonly<Record<string, string>>,
): Promise<void> {
  const changed = settingDifferences(digests, await hashSource(path));
  if (changed.length === 0) return;
  throw new UsageError(
    `${directory}: was to begin with other files than ${path} holds now, by their SHA-256:\n` +
      `${describeDifferences(changed)}\n  put those back there, or begin a new run`,
  );
}

async function isRun(path: string): Promise<boolean> {
  try {
    const { format } = JSON.parse(await readFile(join(path, "config.json"), "utf8")) as { format?: unknown };
    return format === "infinite-former/run";
  } catch {
    return false;
  }
}
