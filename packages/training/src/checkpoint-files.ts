import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { foreignFormat } from "@infinite-former/safetensors";
import { activeFolders, checkpointName, cleanLeftovers, workNames } from "./checkpoint-folder.js";
import {
  type CheckpointState,
  type FileRecord,
  parseState,
  renderState,
  type StateFile,
  sha256,
  stateFileName,
} from "./checkpoint-state.js";
import { isMissing, writeError, writeFolder } from "./durable-write.js";
import { CheckpointError } from "./errors.js";

/** A checkpoint on disk. */
export interface SavedCheckpoint {
  readonly path: string;
  readonly step: number;
  /** Sum of its files' sizes. */
  readonly bytes: number;
}

/**
 * Writes a checkpoint from its files' bytes: whole, or not at all.
 *
 * @param directory the run's `checkpoints` folder, made if missing; one process
 *   at a time may write there.
 * @param files bytes by name; `state.json` is added.
 * @throws {CheckpointError} `ERR_CHECKPOINT` with path and bytes; earlier
 *   checkpoints are untouched.
 */
export async function writeCheckpointFiles(
  directory: string,
  files: ReadonlyMap<string, Uint8Array>,
  state: CheckpointState,
): Promise<SavedCheckpoint> {
  const records = Object.fromEntries(
    [...files].map(([name, bytes]): [string, FileRecord] => [
      name,
      { bytes: bytes.length, sha256: sha256(bytes) },
    ]),
  );
  const text = renderState({ state, files: records });
  const all = new Map([...files, [stateFileName, new TextEncoder().encode(text)]]);
  const path = join(directory, checkpointName(state.step));
  const names = workNames(state.step);
  const work = { staging: join(directory, names.staging), aside: join(directory, names.aside) };
  activeFolders.add(work.staging).add(work.aside);
  try {
    await cleanLeftovers(directory);
    await writeFolder(path, all, work);
  } catch (error) {
    throw error instanceof CheckpointError ? error : writeError(directory, all, error);
  } finally {
    activeFolders.delete(work.staging);
    activeFolders.delete(work.aside);
  }
  const bytes = [...all.values()].reduce((sum, { length }) => sum + length, 0);
  return { path, step: state.step, bytes };
}

/** Reads and checks `state.json` of a checkpoint. @throws {CheckpointError} `ERR_CHECKPOINT` naming it. */
export async function readCheckpointState(path: string): Promise<StateFile> {
  const file = join(path, stateFileName);
  return parseState((await read(file)).toString("utf8"), file);
}

/**
 * Reads one file of a checkpoint and checks its size and checksum.
 * @throws {CheckpointError} `ERR_CHECKPOINT` naming the file.
 */
export async function readCheckpointFile(
  path: string,
  name: string,
  { files }: StateFile,
): Promise<Uint8Array> {
  const file = join(path, name);
  const record = Object.hasOwn(files, name) ? files[name] : undefined;
  if (!record) {
    const listed = Object.keys(files).join(", ") || "none";
    throw new CheckpointError(`loadCheckpoint: ${path} has no ${name}, only ${listed}`, { file });
  }
  const bytes = await read(file);
  const intact = bytes.length === record.bytes && sha256(bytes) === record.sha256;
  const foreign = intact ? "" : foreignFormat(bytes);
  if (foreign !== "") {
    throw new CheckpointError(
      `loadCheckpoint: ${file} must be a safetensors file, got one of ${bytes.length} bytes${foreign}`,
      { file },
    );
  }
  if (bytes.length !== record.bytes) {
    throw new CheckpointError(
      `loadCheckpoint: ${file} must have ${record.bytes} bytes, got ${bytes.length}: the file is damaged`,
      { file },
    );
  }
  if (!intact) {
    throw new CheckpointError(
      `loadCheckpoint: ${file} does not match its checksum: the file is damaged; use an earlier checkpoint`,
      { file },
    );
  }
  return bytes;
}

/** Checks every file of a checkpoint. @throws {CheckpointError} `ERR_CHECKPOINT` naming the first bad one. */
export async function verifyCheckpoint(path: string): Promise<StateFile> {
  const state = await readCheckpointState(path);
  for (const name of Object.keys(state.files)) await readCheckpointFile(path, name, state);
  return state;
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new CheckpointError(`loadCheckpoint: ${file} ${reasonOf(error)}`, { file, cause: error });
  }
}

/** Why a file cannot be read. */
function reasonOf(error: unknown): string {
  if (isMissing(error)) return "is missing: this is no whole checkpoint";
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EISDIR") return "must be a file, got a directory: this is no whole checkpoint";
  return code === "EACCES" ? "cannot be read: permission denied" : message;
}
