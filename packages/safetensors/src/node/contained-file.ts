import { realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { quote, SafetensorsError } from "../safetensors-error.js";
import { isPlainName } from "../shard-index.js";

/**
 * The path of a file that lies in a folder itself: its name has no folder in
 * it, and no link leads out.
 *
 * @param folder trusted, as the caller's own word
 * @param name untrusted, such as one that an index file gives
 * @returns the resolved path, or `null` where there is no such file
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if the name or a link leads
 *   elsewhere or in a circle, or it is no regular file.
 */
export async function containedFile(folder: string, name: string): Promise<string | null> {
  if (!isPlainName(name)) {
    throw new SafetensorsError(`safetensors: file names must be plain, got ${quote(name)} in ${folder}`);
  }
  const wanted = join(folder, name);
  let path: string;
  try {
    path = await realpath(wanted);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    const got = code === "ELOOP" ? "links that lead in a circle" : message;
    throw refused(wanted, "be readable", got, error);
  }
  if (!path.startsWith(`${await realpath(folder)}${sep}`)) {
    throw refused(wanted, `lie in ${folder}; copy it there`, "a link to somewhere else");
  }
  if (!(await stat(path)).isFile()) throw refused(path, "be a regular file", "something else");
  return path;
}

function refused(path: string, must: string, got: string, cause?: unknown): SafetensorsError {
  return new SafetensorsError(`safetensors: ${path} must ${must}, got ${got}`, { cause });
}
