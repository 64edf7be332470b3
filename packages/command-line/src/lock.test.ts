import { spawn, spawnSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockName, lockRun } from "./lock.js";

describe("lockRun", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "infinite-former-lock-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("refuses a second holder with the pid of the first, and is free again after release", async () => {
    const lock = await lockRun(folder);
    await expect(lockRun(folder)).rejects.toThrow(`in use by the process with pid ${process.pid};`);
    await lock.release();
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
    await (await lockRun(folder)).release();
  });

  trial({ number: 6, fault: "a lock whose process has ended" }, async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    await writeFile(join(folder, lockName), JSON.stringify({ pid, host: hostname(), started: null }));
    const lock = await lockRun(folder);
    expect(JSON.parse(await readFile(join(folder, lockName), "utf8")).pid).toBe(process.pid);
    await lock.release();
  });

  const unreaped = process.platform === "linux" ? false : "only Linux tells that a process is a zombie";
  trial({ number: 6, fault: "a lock whose process was killed and not reaped", skip: unreaped }, async () => {
    // A child of the shell that has ended; `sleep`, which takes the shell's place, never asks for it.
    const parent = spawn("sh", ["-c", "sh -c 'echo $$' & exec sleep 60"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    try {
      const [line] = (await once(parent.stdout, "data")) as [Buffer];
      const pid = Number(String(line));
      await expect.poll(() => readFile(`/proc/${pid}/stat`, "utf8")).toMatch(/\) Z /);
      await writeFile(join(folder, lockName), JSON.stringify({ pid, host: hostname(), started: null }));
      await (await lockRun(folder)).release();
    } finally {
      parent.kill("SIGKILL");
    }
  });

  it("takes over where another process has the holder's pid by now", async ({ skip }) => {
    if (!existsSync("/proc/self/stat")) skip("this system does not tell when a process began");
    await writeFile(
      join(folder, lockName),
      JSON.stringify({ pid: process.pid, host: hostname(), started: "1" }),
    );
    await (await lockRun(folder)).release();
  });

  it("takes over a lock file that says nothing", async () => {
    await writeFile(join(folder, lockName), "");
    await (await lockRun(folder)).release();
  });

  it("respects a holder on another machine, and says how to remove it", async () => {
    await writeFile(join(folder, lockName), JSON.stringify({ pid: 1, host: "elsewhere", started: null }));
    await expect(lockRun(folder)).rejects.toThrow(
      `pid 1 on elsewhere; if it has ended, remove ${join(folder, lockName)}`,
    );
  });

  const rush = "20 that take over one stale lock at the same time";
  trial({ number: 6, fault: rush, times: 200 }, async (times) => {
    for (let round = 0; round < times; round++) {
      await writeFile(join(folder, lockName), `stale ${round}`);
      const tries = await Promise.allSettled(Array.from({ length: 20 }, () => lockRun(folder)));
      expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await readdir(folder)).toEqual([lockName]);
      await rm(join(folder, lockName));
    }
  });

  const both = "a lock whose process has ended, taken over by one that has ended as well";
  trial({ number: 6, fault: both }, async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    await writeFile(join(folder, lockName), "stale");
    const claim = createHash("sha256").update("stale").digest("hex").slice(0, 32);
    const dead = JSON.stringify({ pid, host: hostname(), started: null });
    await writeFile(join(folder, `${lockName}.after-${claim}`), dead);
    const lock = await lockRun(folder);
    expect(await readdir(folder)).toEqual([lockName]);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it("removes what processes left that died while they took it, and leaves living ones theirs", async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const dead = `${lockName}.${pid}-${randomUUID()}`;
    const living = `${lockName}.${process.ppid}-${randomUUID()}`;
    const claim = `${lockName}.after-${"0".repeat(32)}`;
    for (const name of [dead, living, claim, "other"]) await writeFile(join(folder, name), "");
    const lock = await lockRun(folder);
    expect((await readdir(folder)).sort()).toEqual([lockName, living, "other"].sort());
    await lock.release();
  });
});
