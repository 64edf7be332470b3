import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { NativeCache } from "./cache.js";

/**
 * A fresh folder for work in progress, on the same disk as where its result
 * goes. Its name tells whose it is, so that {@link sweepStages} can tell a dead one.
 */
export async function openStage(cache: NativeCache): Promise<string> {
  const stage = join(cache.stages, `${process.pid}-${randomBytes(6).toString("hex")}`);
  await mkdir(stage, { recursive: true });
  return stage;
}

/** Stages whose process is gone: what an interrupted set-up left behind. */
export async function deadStages(cache: NativeCache): Promise<readonly string[]> {
  const names = await readdir(cache.stages).catch(() => []);
  return names.filter((name) => !alive(Number.parseInt(name, 10))).map((name) => join(cache.stages, name));
}

/** Removes what interrupted set-ups left behind. */
export async function sweepStages(cache: NativeCache): Promise<void> {
  for (const stage of await deadStages(cache)) await rm(stage, { recursive: true, force: true });
}

/**
 * Gives a finished folder its final name: whole or not at all. Where another
 * process was first, its folder stays and ours goes.
 *
 * @param from a folder inside a stage
 * @param to the final name
 */
export async function publish(from: string, to: string): Promise<void> {
  await syncTree(from);
  await mkdir(dirname(to), { recursive: true });
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    await rm(from, { recursive: true, force: true });
    return;
  }
  await syncPath(dirname(to));
}

async function syncTree(path: string): Promise<void> {
  if ((await stat(path)).isDirectory()) {
    for (const name of await readdir(path)) await syncTree(join(path, name));
  }
  await syncPath(path);
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether a process of this number runs on this machine. */
export function alive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
