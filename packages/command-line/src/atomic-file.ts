import { randomUUID } from "node:crypto";
import { open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Writes a file whole or not at all: staged beside it, flushed, renamed.
 *
 * @throws the system's error, with `message` naming the path and the bytes to write.
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
    if (error instanceof Error) {
      error.message = `${path}: cannot be written (${Buffer.byteLength(content)} bytes): ${error.message}`;
    }
    throw error;
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
