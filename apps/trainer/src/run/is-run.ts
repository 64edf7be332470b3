import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Whether a folder is a run's; what is wrong with one that is not is said where it is read. */
export async function isRun(path: string): Promise<boolean> {
  try {
    const { format } = JSON.parse(await readFile(join(path, "config.json"), "utf8")) as { format?: unknown };
    return format === "infinite-former/run";
  } catch {
    return false;
  }
}
