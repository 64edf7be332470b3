import { constants } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode, systemReason, UsageError } from "@infinite-former/command-line";

/**
 * Checks that a memory can be saved to a path, before anything is read and written for it.
 *
 * @throws {UsageError} `ERR_USAGE` where it is a folder, or its own folder is missing or may not be written to.
 */
export async function checkMemoryTarget(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    await readdir(folder);
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--save-memory ${path}: cannot be written: ${folder}: ${systemReason(error)}`);
  }
  const found = await stat(path).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return null;
    throw new UsageError(`--save-memory ${path}: ${systemReason(error)}`);
  });
  if (found !== null && !found.isFile()) throw new UsageError(`--save-memory ${path}: must be a file`);
}
