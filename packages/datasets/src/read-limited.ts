import { readFile, stat } from "node:fs/promises";
import { DatasetError } from "./errors.js";

/** What is read, and what is said where it can't be. */
export interface ReadLimits {
  /** What errors begin with. */
  readonly where: string;
  /** What the file must be: `text file`. */
  readonly kind: string;
  /** Most bytes it may have. */
  readonly maxBytes: number;
  /** Why no more: `since texts are held in memory whole`. */
  readonly reason: string;
  /** What to do where it has more. */
  readonly remedy: string;
}

/**
 * A file's bytes.
 *
 * @throws {DatasetError} `ERR_DATASET` with `file`: no such file, no file but
 *   a directory or device, one that can't be read or has more than `maxBytes`.
 */
export async function readLimited(path: string, limits: ReadLimits): Promise<Uint8Array<ArrayBuffer>> {
  const { where, kind, maxBytes } = limits;
  try {
    const found = await stat(path);
    const { size } = found;
    if (!found.isFile()) {
      const other = found.isDirectory() ? "directory" : "device or pipe";
      throw new DatasetError(`${where}: ${path} must be a ${kind}, got a ${other}`, { file: path });
    }
    if (size <= maxBytes) return new Uint8Array(await readFile(path));
    throw new DatasetError(
      `${where}: ${path} must have at most ${maxBytes} bytes, ${limits.reason}, got ${size}: ${limits.remedy}`,
      { file: path },
    );
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "no such file" : message;
    throw new DatasetError(`${where}: ${path} must be a readable ${kind}: ${reason}`, {
      file: path,
      cause: error,
    });
  }
}
