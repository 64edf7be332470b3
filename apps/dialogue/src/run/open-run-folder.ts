import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  errorCode,
  lockName,
  lockRun,
  type RunLock,
  removePartials,
  systemReason,
  UsageError,
} from "@infinite-former/command-line";

/** Whether a folder holds a run. */
export function holdsRun(directory: string): boolean {
  return existsSync(join(directory, "config.json"));
}

/**
 * Makes the folder of a new run, or takes that of one that goes on, and locks it.
 *
 * @throws {UsageError} `ERR_USAGE` where a new one is not empty or cannot be
 *   written, there is no run to go on with, or another process is at it.
 */
export async function openRunFolder(directory: string, resume: boolean): Promise<RunLock> {
  if (resume && !holdsRun(directory)) {
    throw new UsageError(`${directory}: holds no run to go on with; leave --resume out to begin one`);
  }
  if (!resume && holdsRun(directory)) {
    throw new UsageError(`${directory}: holds a run already; go on with --resume, or give another --out`);
  }
  try {
    await mkdir(directory, { recursive: true });
    if (!resume) {
      const left = (name: string): boolean =>
        name.startsWith(lockName) || name.endsWith(".partial") || name === "tokenizer.json";
      if (!(await readdir(directory)).every(left)) {
        throw new UsageError(`${directory}: is neither empty nor a run; give another --out`);
      }
    }
    const lock = await lockRun(directory);
    await removePartials(directory);
    return lock;
  } catch (error) {
    if (errorCode(error) === "ERR_USAGE") throw error;
    throw new UsageError(`${directory}: cannot be written: ${systemReason(error)}`);
  }
}
