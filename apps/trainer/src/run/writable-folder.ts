import { mkdir, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { errorCode, systemReason, UsageError } from "@infinite-former/command-line";

/**
 * Makes a folder and those above it, where they are missing. Unlike Node's
 * `recursive`, which says ENOENT on a file system that is read-only, it throws
 * the error that tells why.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" && dirname(path) !== path) {
      await makeFolder(dirname(path));
      await mkdir(path);
    } else if (code !== "EEXIST") throw error;
    else await mkdir(path, { recursive: true }); // throws where it is no folder
  }
}

/**
 * Tries what a save will do, so that no step is trained for nothing.
 *
 * @param folder the run's `checkpoints`, made if missing.
 * @throws {UsageError} `ERR_USAGE` naming it.
 */
export async function assertWritable(folder: string): Promise<void> {
  const probe = join(folder, `.step-0.${process.pid}-0-0.partial`); // the next save removes it where it stays
  try {
    await makeFolder(folder);
    await mkdir(probe);
    await rmdir(probe);
  } catch (error) {
    throw new UsageError(
      `${folder}: cannot be written: ${systemReason(error)}; change that, or give another --out`,
    );
  }
}
