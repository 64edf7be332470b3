import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { alive } from "./publish.js";

/** How often those that wait look (milliseconds). */
const PAUSE = 200;
/** A claim older than this counts no more, whoever made it (milliseconds). */
const STALE = 10 * 60_000;

/**
 * Of several processes that want the same thing built, one builds and the
 * others wait for it. A claim whose process died, or that is ten minutes old,
 * is passed over: so two may build at once in rare cases, which does no harm
 * where what is built gets its name by one rename.
 *
 * @param claim path of the file that says who builds.
 * @param isThere whether it is built.
 * @param build builds it; called in at most one of the processes that wait for one another.
 */
export async function oneBuilds(
  claim: string,
  isThere: () => Promise<boolean>,
  build: () => Promise<void>,
): Promise<void> {
  await mkdir(dirname(claim), { recursive: true });
  while (!(await isThere())) {
    if (await claimed(claim)) {
      try {
        if (!(await isThere())) await build();
      } finally {
        await rm(claim, { force: true });
      }
      return;
    }
    if (await abandoned(claim)) await rm(claim, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

async function claimed(claim: string): Promise<boolean> {
  try {
    await writeFile(claim, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function abandoned(claim: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(claim);
    const age = Date.now() - mtimeMs;
    const pid = Number(await readFile(claim, "utf8"));
    // A claim without a number is being written, unless it stays so.
    return age > STALE || (pid > 0 ? !alive(pid) : age > 10 * PAUSE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
