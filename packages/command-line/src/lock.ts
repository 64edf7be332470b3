import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { errorCode, UsageError } from "./errors.js";

/** Name of the lock file inside a locked directory. */
export const lockName = "run.lock";

/** Who holds a directory. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in the kernel's ticks since boot; tells a reused pid apart. Null where unknown. */
  readonly started: string | null;
}

/** A held lock. */
export interface RunLock {
  /** Gives the directory free. A second call does nothing. */
  release(): Promise<void>;
}

/**
 * Takes a directory for this process.
 *
 * The lock appears whole (linked into place), and names its holder. One whose
 * holder no longer lives on this machine is stale and gets one successor, see
 * {@link succeed}. A holder on another machine cannot be asked, so its lock
 * counts as held.
 *
 * @throws {UsageError} `ERR_USAGE` naming the pid of the holder.
 */
export async function lockRun(directory: string): Promise<RunLock> {
  const path = join(directory, lockName);
  const id = randomUUID();
  const mine = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    started: processStat(process.pid)?.started ?? null,
    id,
  });
  const staged = `${path}.${process.pid}-${id}`;
  await writeFile(staged, mine, { flag: "wx" });
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      if (await linked(staged, path)) return await taken(directory, mine);
      const text = await readIfThere(path);
      if (text === null) continue;
      refuseIfAlive(directory, path, text);
      if (await succeed(directory, path, text, staged)) return await taken(directory, mine);
    }
    throw new UsageError(`${directory}: another process is taking this directory; try again`);
  } finally {
    await rm(staged, { force: true });
  }
}

/**
 * Puts the staged lock in the place of a stale one, unless another was first.
 *
 * Moving a stale lock away and linking a new one would let two in: between
 * reading it and moving it, another may have replaced it. So the right to
 * replace a lock is itself linked, under a name made from that lock's text,
 * and the replacement is one rename. Whoever claims late, when the claims are
 * cleared already, finds another text in the lock and steps back. A claim
 * whose holder died is succeeded in the same way.
 *
 * @returns whether this process holds the directory now.
 */
async function succeed(directory: string, path: string, stale: string, staged: string): Promise<boolean> {
  const claims: string[] = [];
  for (let text = stale; ; ) {
    const claim = `${path}.after-${claimOn(text)}`;
    claims.push(claim);
    if (await linked(staged, claim)) break;
    const other = await readIfThere(claim);
    if (other === null) return false;
    refuseIfAlive(directory, claim, other);
    text = other;
  }
  if ((await readIfThere(path)) !== stale) {
    await rm(claims.at(-1) as string, { force: true });
    return false;
  }
  await rename(staged, path);
  for (const claim of claims) await rm(claim, { force: true });
  return true;
}

/** The lock, held: what processes left that died while they took it goes. */
async function taken(directory: string, mine: string): Promise<RunLock> {
  for (const name of await readdir(directory)) {
    const [, pid, claim] = leftover.exec(name) ?? [];
    const theirs = pid !== undefined && !lives({ pid: Number(pid), host: hostname(), started: null });
    if (theirs || (claim !== undefined && claim !== claimOn(mine))) {
      await rm(join(directory, name), { force: true });
    }
  }
  return releaser(join(directory, lockName), mine);
}

const leftover = new RegExp(`^${lockName}\\.(?:(\\d+)-[0-9a-f-]{36}|after-([0-9a-f]{32}))$`);

/** A claim's name says which lock it replaces: one on a lock that is gone says nothing any more. */
function claimOn(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

function refuseIfAlive(directory: string, path: string, text: string): void {
  const holder = parseHolder(text);
  if (holder !== null && lives(holder)) throw held(directory, path, holder);
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

function releaser(path: string, mine: string): RunLock {
  let free = false;
  return {
    async release() {
      if (free) return;
      free = true;
      if ((await readIfThere(path)) === mine) await rm(path, { force: true });
    },
  };
}

function held(directory: string, path: string, holder: Holder): UsageError {
  const elsewhere = holder.host === hostname() ? "" : ` on ${holder.host}`;
  const remedy =
    elsewhere === "" ? "wait for it, stop it, or give another --out" : `if it has ended, remove ${path}`;
  return new UsageError(`${directory}: in use by the process with pid ${holder.pid}${elsewhere}; ${remedy}`);
}

function lives(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
  const now = processStat(holder.pid);
  // A zombie has ended, and stays as long as its parent does not ask: for ever where a container has no init.
  if (now?.state === "Z" || now?.state === "X") return false;
  return holder.started === null || now === null || now.started === holder.started;
}

/** State and start of a process, the 3rd and 22nd field of Linux's /proc/PID/stat; null elsewhere. */
function processStat(pid: number): { readonly state: string; readonly started: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] as string, started: fields[19] as string };
  } catch {
    return null;
  }
}

function parseHolder(text: string): Holder | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    const { pid, host, started } = value as Partial<Holder>;
    if (!Number.isSafeInteger(pid) || (pid as number) < 1 || typeof host !== "string") return null;
    return { pid: pid as number, host, started: typeof started === "string" ? started : null };
  } catch {
    return null;
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}
