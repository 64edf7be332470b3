import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/**
 * SHA-256 of files, read piece by piece: tells later whether they are the same.
 *
 * @param names of files in the folder.
 * @returns hexadecimal digests by name.
 * @throws the system's own error for a file that cannot be read.
 */
export async function hashFiles(folder: string, names: readonly string[]): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const name of names) {
    const hash = createHash("sha256");
    await pipeline(createReadStream(join(folder, name)), hash);
    digests[name] = hash.digest("hex");
  }
  return digests;
}
