import { realpath, stat } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { Gpt2FolderError } from "../errors.js";

/**
 * The path of a file that lies in a folder itself: its name has no folder in
 * it, and no link leads out.
 *
 * @param name untrusted, such as one that an index file gives.
 * @returns the resolved path, or `null` where there is no such file.
 * @throws {Gpt2FolderError} `ERR_GPT2_FOLDER` if the name or a link leads elsewhere, or it is no regular file.
 */
export async function containedFile(folder: string, name: string): Promise<string | null> {
  const plain = name !== "" && name === basename(name) && !/[\\/:\0]|^\.+$/.test(name);
  if (!plain) {
    const shown = JSON.stringify(name.slice(0, 80));
    throw new Gpt2FolderError(folder, `loadGpt2: file names must be plain, got ${shown} in ${folder}`);
  }
  let path: string;
  try {
    path = await realpath(join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw refused(join(folder, name), "be readable", (error as Error).message, error);
  }
  if (!path.startsWith(`${await realpath(folder)}${sep}`)) {
    throw refused(join(folder, name), `lie in ${folder}; copy it there`, "a link to somewhere else");
  }
  if (!(await stat(path)).isFile()) throw refused(path, "be a regular file", "something else");
  return path;
}

function refused(path: string, must: string, got: string, cause?: unknown): Gpt2FolderError {
  return new Gpt2FolderError(path, `loadGpt2: ${path} must ${must}, got ${got}`, { cause });
}
