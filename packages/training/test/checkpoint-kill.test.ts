import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { beforeAll, describe, expect } from "vitest";
import { writeCheckpointFiles } from "../src/checkpoint-files.js";
import { cleanLeftovers, findNewestCheckpoint } from "../src/node.js";
import { killWhileAdvancing } from "./kill-rounds.js";
import { bundleSaves, saveUntilKilled } from "./saving-process.js";

// Files and processes are the same on every backend: once is enough.
const once = process.env["INFINITE_FORMER_BACKEND"] === "cpu";
const elsewhere = "no backend takes part: run once, with cpu";
let program = "";
beforeAll(async () => {
  if (once) program = await bundleSaves();
});

/** Kills a process before each of its file operations in turn, and gives how many there are. */
async function killBeforeEach(mode: "advance" | "replace"): Promise<number> {
  const [saved, saving] = mode === "advance" ? [6, 7] : [6, 6];
  for (let operation = 1; ; operation++) {
    const directory = await mkdtemp(join(tmpdir(), "checkpoint-kill-"));
    try {
      await saveOne(directory, saved);
      const { said, signal } = await saveUntilKilled(directory, saving, mode, {
        saves: 1,
        killAt: operation,
      });
      await cleanLeftovers(directory);
      const { newest, passedOver } = await findNewestCheckpoint(directory);
      expect(passedOver).toEqual([]);
      expect(newest?.step).toBeGreaterThanOrEqual(Math.max(saved, said));
      expect((await readdir(directory)).filter((name) => !/^step-[67]$/.test(name))).toEqual([]);
      if (signal === null) return operation - 1;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

function saveOne(directory: string, step: number): Promise<unknown> {
  const files = new Map([["model.safetensors", new Uint8Array(1000)]]);
  const state = { step, tokens: step, seconds: 1, random: [0], data: { epoch: 0, step }, config: {} };
  return writeCheckpointFiles(directory, files, state);
}

describe("a process killed while it saves", () => {
  skipEach(!once && elsewhere);
  const often = "SIGKILL at a random instant while checkpoints are saved, a few times";
  trial({ number: 1, fault: often, times: 10 }, killWhileAdvancing);

  // The folders made; each of 3 files opened, written, flushed; the folder and its parent opened and flushed; renames.
  const each =
    "SIGKILL before each of a save's file operations: every file opened, written, flushed, renamed";
  trial({ number: 7, fault: each, times: 17 }, async (times) => {
    expect(await killBeforeEach("advance")).toBe(times);
  });
  const replacing = "SIGKILL before each file operation of replacing a checkpoint";
  trial({ number: 7, fault: replacing, times: 18 }, async (times) => {
    expect(await killBeforeEach("replace")).toBe(times);
  });
});

const canMount = (): boolean =>
  process.platform === "linux" &&
  spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", tmpdir()]).status === 0;

describe("a disk that is full", () => {
  skipEach(once ? !canMount() && "needs the right to mount a small file system" : elsewhere);
  const fault = "a tmpfs of 1 MiB is filled while a checkpoint is saved";
  trial({ number: 3, fault }, async () => {
    const small = await mkdtemp(join(tmpdir(), "checkpoint-full-"));
    try {
      // In a mount namespace of its own: room for one checkpoint of 0.7 MB.
      const script = `mount -t tmpfs -o size=1m none "$1" && exec "$2" "$3" "$1" 5 350000 advance`;
      const arguments_ = ["-rm", "sh", "-c", script, "sh", small, process.execPath, program];
      const { stdout, status } = spawnSync("unshare", arguments_, { encoding: "utf8" });
      expect(status).toBe(1);
      const [saved, failed] = stdout.trimEnd().split("\n");
      expect(saved).toBe("5");
      expect(JSON.parse(failed!)).toEqual({
        message: expect.stringMatching(
          /step-6.*could not be written \(a checkpoint of 70\d{4} bytes\): no space left/,
        ),
        newest: 5,
      });
    } finally {
      await rm(small, { recursive: true });
    }
  });
});
