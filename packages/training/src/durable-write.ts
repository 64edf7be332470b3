import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CheckpointError } from "./errors.js";

/** Writes a file and waits until the disk has it. */
async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, "wx");
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Waits until the disk has the entries of a folder (Windows cannot, and need not). */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether an error says that a path is not there. */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}

/**
 * Makes a folder with files appear under its name whole or not at all: they
 * are written to `staging` (a sibling, so that no other filesystem is
 * involved), flushed, and renamed. A folder that stands in the way is first
 * renamed to `aside` and deleted last.
 *
 * @throws {CheckpointError} `ERR_CHECKPOINT` with path and size; nothing is left
 *   behind then, and what stood under the name still does.
 */
export async function writeFolder(
  target: string,
  files: ReadonlyMap<string, Uint8Array>,
  { staging, aside }: { readonly staging: string; readonly aside: string },
): Promise<void> {
  const parent = dirname(target);
  let writing = staging;
  try {
    await mkdir(parent, { recursive: true });
    await mkdir(staging); // not recursive: on a read-only file system that says ENOENT
    for (const [name, bytes] of files) {
      writing = join(staging, name);
      await writeDurably(writing, bytes);
    }
    await syncFolder(staging);
    writing = target;
    const replaced = await renameIfThere(target, aside);
    try {
      await rename(staging, target);
    } catch (error) {
      if (replaced) await rename(aside, target);
      throw error;
    }
    await syncFolder(parent);
    if (replaced) await rm(aside, { recursive: true, force: true });
  } catch (error) {
    await rm(staging, { recursive: true, force: true }).catch(() => {}); // the first error says more
    throw writeError(writing, files, error);
  }
}

async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** What a failed write tells its user: where, how much, why, and what to do. */
export function writeError(
  path: string,
  files: ReadonlyMap<string, Uint8Array>,
  cause: unknown,
): CheckpointError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const total = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  const reason =
    code === "ENOSPC" || code === "EDQUOT"
      ? "no space left on the disk: free some, or write the run elsewhere"
      : code === "EACCES" || code === "EPERM" || code === "EROFS"
        ? "writing is not permitted there: change the folder's permissions, or write the run elsewhere"
        : message;
  return new CheckpointError(
    `saveCheckpoint: ${path} could not be written (a checkpoint of ${total} bytes): ${reason}`,
    { file: path, cause },
  );
}
