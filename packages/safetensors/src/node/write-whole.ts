import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { SafetensorsError } from "../safetensors-error.js";
import { CHUNK } from "./file-source.js";

/**
 * Writes a file under its name only when all of it is on the disk.
 *
 * @param byteLength of all pieces, for messages
 * @throws {SafetensorsError} `ERR_SAFETENSORS` with the system's error as `cause`;
 *   an error of `pieces` as it is. Either way the old file stands and nothing is left behind.
 */
export async function writeWhole(
  path: string,
  byteLength: number,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const staging = `${path}.${randomUUID()}.partial`;
  const tried = async <T>(step: Promise<T>): Promise<T> => {
    try {
      return await step;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SafetensorsError(`writeSafetensors: cannot write ${path} (${byteLength} bytes): ${reason}`, {
        cause,
      });
    }
  };
  try {
    const handle = await tried(open(staging, "wx"));
    try {
      for await (const piece of pieces) await tried(writeAll(handle, piece));
      await tried(handle.sync());
    } finally {
      await tried(handle.close());
    }
    await tried(rename(staging, path));
    await tried(syncFolder(dirname(path)));
  } catch (error) {
    await rm(staging, { force: true });
    throw error;
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, Math.min(CHUNK, bytes.length - done));
    done += bytesWritten;
  }
}

/** Makes the new name itself durable. Windows cannot open a folder for this and does not need it. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
