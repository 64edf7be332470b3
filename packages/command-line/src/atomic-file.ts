import { randomUUID } from "node:crypto";
import { open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCode, systemReason } from "./errors.js";

/**
 * Writes a file whole or not at all: staged beside it, flushed, renamed.
 *
 * @throws an error with the system's code and a message that names the path and the bytes to write.
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const staged = join(dirname(path), `.${randomUUID()}.partial`);
  try {
    const file = await open(staged, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(staged, path);
  } catch (error) {
    await rm(staged, { force: true });
    const size = Buffer.byteLength(content);
    const reason = new Error(`${path}: cannot be written (${size} bytes): ${systemReason(error)}`, {
      cause: error,
    });
    throw Object.assign(reason, { code: errorCode(error) });
  }
}

/**
 * Removes what killed writes left in a folder. Only its one writer may do so.
 *
 * @returns the names removed.
 */
export async function removePartials(folder: string): Promise<string[]> {
  const left = (await readdir(folder)).filter((name) => /^\.[0-9a-f-]{36}\.partial$/.test(name));
  for (const name of left) await rm(join(folder, name), { force: true });
  return left;
}
