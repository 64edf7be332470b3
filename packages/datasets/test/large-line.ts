import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Calls `work` with a text of 10 GB without a line end or white space, a sparse file. */
export async function withLargeLine<T>(work: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "infinite-former-line-"));
  const path = join(folder, "line.txt");
  try {
    await writeFile(path, "whale");
    await truncate(path, 10 * 2 ** 30);
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How much more memory the process holds at most while something is done, looked at now and then. */
export function memoryWatch(): { look(): void; readonly most: number } {
  const before = process.memoryUsage.rss();
  let most = 0;
  return {
    look() {
      most = Math.max(most, process.memoryUsage.rss() - before);
    },
    get most() {
      return most;
    },
  };
}
