import { type FileHandle, open, stat } from "node:fs/promises";
import { SafetensorsError } from "../safetensors-error.js";
import type { SafetensorsSource } from "../source.js";

/** One system call moves at most 2³¹ − 1 bytes. */
export const CHUNK: number = 2 ** 30;

/** A file that has been opened; the caller closes it. */
export interface FileSource extends SafetensorsSource {
  /** A second call does nothing. */
  close(): Promise<void>;
}

/**
 * Opens a regular file for reading.
 *
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if it is something else: reading
 *   a pipe or a device might never end. The system's own error if it cannot be opened.
 */
export async function fileSource(path: string): Promise<FileSource> {
  if (!(await stat(path)).isFile()) {
    throw new SafetensorsError(`safetensors: ${path} must be a regular file, got something else`);
  }
  const handle = await open(path, "r");
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= handle.close();
    return closing;
  };
  try {
    const { size } = await handle.stat();
    return { size, name: path, read: (begin, end) => readBytes(handle, path, begin, end), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readBytes(handle: FileHandle, path: string, begin: number, end: number): Promise<Uint8Array> {
  const bytes = setAside(path, end - begin);
  let done = 0;
  while (done < bytes.length) {
    const length = Math.min(CHUNK, bytes.length - done);
    const { bytesRead } = await handle.read(bytes, done, length, begin + done);
    if (bytesRead === 0) {
      throw new SafetensorsError(
        `safetensors: ${path} must keep its size while it is read, got a shorter file`,
      );
    }
    done += bytesRead;
  }
  return bytes;
}

function setAside(path: string, size: number): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch (cause) {
    throw new SafetensorsError(
      `safetensors: ${size} bytes of ${path} must fit into memory; read tensors one by one, or as a stream`,
      { cause },
    );
  }
}
