import { spawn } from "node:child_process";
import { type FSWatcher, watch } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createRng } from "@infinite-former/random";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { describe, expect } from "vitest";
import { hashes } from "./checkpoint-files.js";
import { cli, lossStream, smallRun, temporaryFolder, textFile } from "./harness.js";

const steps = 60;
// As users have it: built, which starts faster than the sources.
const program = fileURLToPath(new URL("../bin/infinite-former.js", import.meta.url));

/** When to kill: some milliseconds after the process began to write its `save`-th checkpoint. */
interface Instant {
  readonly save: number;
  readonly delay: number;
}

/** Trains in a process of its own, and kills it at an instant; never where there is none. */
async function trainAndKill(
  args: readonly string[],
  run: string,
  instant: Instant | null,
): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [program, "train", ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  let watcher: FSWatcher | undefined;
  const staged = new Set<string>();
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    if (instant === null || watcher || !/ going on from step | parameters\n/.test(said)) return;
    watcher = watch(join(run, "checkpoints"), (_, name) => {
      if (!name?.endsWith(".partial") || staged.has(name)) return;
      staged.add(name);
      if (staged.size === instant.save) setTimeout(() => child.kill("SIGKILL"), instant.delay);
    });
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code, signal) => {
      watcher?.close();
      if (code === 0 || signal === "SIGKILL") resolve(signal);
      else reject(new Error(said));
    });
  });
}

describe("a trainer that is killed again and again", () => {
  const fault =
    "SIGKILL of the trainer at a random instant while it saves; each kill resumed: the same losses and weights as a run that never stopped";
  trial({ number: 1, fault, times: 200, everyTime: 50, on: "cpu", timeout: 1_200_000 }, async (times) => {
    const folder = await temporaryFolder();
    const settings = {
      "training.steps": steps,
      "training.checkpointEvery": 1,
      "training.logEvery": 7,
      "training.evaluateEvery": 10,
      "model.dropout": 0.2,
      "model.sampling": "sticky",
      "model.stickyBins": 16,
    };
    const args = smallRun(await textFile(folder), settings);
    const whole = join(folder, "whole");
    expect((await cli(["train", "--out", whole, ...args])).code).toBe(0);
    const wanted = [await hashes(join(whole, `checkpoints/step-${steps}`)), await lossStream(whole)];
    const rng = createRng(1);
    let kills = 0;
    let interrupted = 0;
    for (let round = 0; kills < times; round++) {
      const run = join(folder, `killed-${round}`);
      let [ended, killed] = [false, false];
      while (!ended) {
        const begun = killed ? ["--resume", run, "--backend", "cpu"] : ["--out", run, ...args];
        const last = (await checkpointNames(run)).includes(`step-${steps - 1}`);
        const instant = { save: rng.integer(1, 5), delay: rng.integer(0, 12) };
        ended = (await trainAndKill(begun, run, last || kills >= times ? null : instant)) === null;
        if (ended) continue;
        kills++;
        killed = true;
        interrupted += (await checkpointNames(run)).some((name) => name.startsWith(".")) ? 1 : 0;
      }
      const got = [await hashes(join(run, `checkpoints/step-${steps}`)), await lossStream(run)];
      expect(got).toEqual(wanted);
      expect((await checkpointNames(run)).filter((name) => name.startsWith("."))).toEqual([]);
      expect((await readdir(run)).sort()).toEqual([
        "checkpoints",
        "config.json",
        "metrics.jsonl",
        "report.html",
      ]);
      await rm(run, { recursive: true });
    }
    expect(interrupted).toBeGreaterThan(times / 10); // others came when it had just been saved
  });
});

async function checkpointNames(run: string): Promise<string[]> {
  try {
    return await readdir(join(run, "checkpoints"));
  } catch {
    return [];
  }
}
