import { spawn } from "node:child_process";
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

/** Trains in a process of its own; kills it `delay` milliseconds after it began to train. */
async function trainAndKill(args: readonly string[], delay: number | null): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [program, "train", ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  let timer: NodeJS.Timeout | undefined;
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    if (delay === null || timer !== undefined || !/ going on from step | parameters\n/.test(said)) return;
    timer = setTimeout(() => child.kill("SIGKILL"), delay);
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0 || signal === "SIGKILL") resolve(signal);
      else reject(new Error(said));
    });
  });
}

describe("a trainer that is killed again and again", () => {
  const fault =
    "SIGKILL of the trainer at a random instant, each step saving, each kill resumed: the same losses and weights as a run that never stopped";
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
        const delay = last || kills >= times ? null : rng.integer(0, 120);
        ended = (await trainAndKill(begun, delay)) === null;
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
    expect(interrupted).toBeGreaterThan(0); // some kills did hit a save
  });
});

async function checkpointNames(run: string): Promise<string[]> {
  try {
    return await readdir(join(run, "checkpoints"));
  } catch {
    return [];
  }
}
