import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { StartedScript } from "@infinite-former/tooling-vitest/script";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
import { beforeAll, describe, expect, it } from "vitest";
import { cli, lossStream, smallRun, startCli, temporaryFolder, textFile } from "./harness.js";

/** Steps that no test waits for. */
const endless = { "training.steps": 100_000, "training.checkpointEvery": 5, "training.logEvery": 1 };

async function checkpoints(run: string): Promise<number[]> {
  const names = await readdir(join(run, "checkpoints"));
  return names
    .filter((name) => name.startsWith("step-"))
    .map((name) => Number(name.slice(5)))
    .sort((a, b) => a - b);
}

/** Waits until a run has a checkpoint. */
async function firstCheckpoint(run: string): Promise<void> {
  for (;;) {
    try {
      if ((await checkpoints(run)).length > 0) return;
    } catch {
      // not there yet
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const stopped = /: finishing this step and saving; once more to end at once/;

describe("a trainer that is told to stop", () => {
  skipEach(process.platform === "win32" && "Windows has no such signals");
  let folder: string;
  let text: string;
  let count = 0;
  beforeAll(async () => {
    folder = await temporaryFolder();
    text = await textFile(folder);
  });

  async function training(): Promise<{ run: string; trainer: StartedScript }> {
    const run = join(folder, `run-${count++}`);
    const trainer = startCli(["train", "--out", run, ...smallRun(text, endless)]);
    await Promise.race([
      firstCheckpoint(run),
      trainer.ended.then((end) => Promise.reject(new Error(end.stderr))),
    ]);
    return { run, trainer };
  }

  it.each([
    ["SIGINT", 130, "itself"],
    ["SIGTERM", 143, "itself"],
    ["SIGINT", 130, "its process group"],
  ] as const)(
    "finishes its step on one %s, saves and ends with %i (sent to %s)",
    async (signal, code, target) => {
      const { run, trainer } = await training();
      const pid = trainer.child.pid as number;
      process.kill(target === "itself" ? pid : -pid, signal);
      const end = await trainer.ended;
      expect([end.code, end.signal], end.stderr).toEqual([code, null]);
      expect(end.stderr).toMatch(stopped);
      const saved = Number(/saved at step (\d+) of 100000/.exec(end.stderr)?.[1]);
      expect((await checkpoints(run)).at(-1)).toBe(saved);
      const lines = (await readFile(join(run, "metrics.jsonl"), "utf8")).trim().split("\n");
      expect(JSON.parse(lines.at(-1) as string).step).toBe(saved);
      expect(await readdir(run)).toEqual(["checkpoints", "config.json", "metrics.jsonl", "report.html"]);
    },
  );

  it("keeps a second trainer out by naming its pid; killed outright, its run can be resumed", async () => {
    const { run, trainer } = await training();
    const second = await cli(["train", "--resume", run, "--backend", "cpu"]);
    expect(second.code).toBe(2);
    expect(second.stderr).toContain(`${run}: in use by the process with pid ${trainer.child.pid};`);
    trainer.child.kill("SIGKILL");
    await trainer.ended;
    const [last] = (await checkpoints(run)).slice(-1) as [number];
    const resumed = await cli(["train", "--resume", run, "--backend", "cpu", "--steps", String(last + 2)]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toContain(`going on from step ${last} of ${last + 2}`);
    expect(await readdir(join(run, "checkpoints"))).toEqual(
      (await checkpoints(run)).map((step) => `step-${step}`).sort(),
    );
  });

  it("told twice leaves whole checkpoints", async () => {
    const { run, trainer } = await training();
    trainer.child.kill("SIGINT");
    await trainer.said("once more to end at once");
    await new Promise((resolve) => setTimeout(resolve, 60));
    trainer.child.kill("SIGINT");
    // The second signal may meet a process that has saved and is being torn down by Node, which no
    // longer hears it: then it ends by the signal itself, 130 to a shell as well.
    const { code, signal } = await trainer.ended;
    expect(signal === "SIGINT" ? 130 : code).toBe(130);
    const inspected = JSON.parse((await cli(["inspect", run, "--json"])).stdout);
    expect(inspected.damaged).toEqual([]);
    expect(inspected.checkpoint.step).toBeGreaterThan(0);
  });

  it("killed outright again and again ends with the same weights as if it never was", {
    timeout: 400_000,
  }, async () => {
    const settings = { "training.steps": 20, "training.checkpointEvery": 1, "training.logEvery": 7 };
    const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
    expect((await cli(["train", "--out", whole, ...smallRun(text, settings)])).code).toBe(0);
    let kills = 0;
    let args = ["train", "--out", killed, ...smallRun(text, settings)];
    for (;;) {
      const trainer = startCli(args);
      await trainer.said(kills === 0 ? "parameters" : `${killed}: `).catch(() => undefined);
      const instant = kills < 4 ? 200 + 500 * ((kills * 0.618) % 1) : 100_000;
      const timer = setTimeout(() => trainer.child.kill("SIGKILL"), instant);
      const end = await trainer.ended;
      clearTimeout(timer);
      if (end.signal === null) {
        expect(end.code, end.stderr).toBe(0);
        break;
      }
      kills++;
      args = ["train", "--resume", killed, "--backend", "cpu"];
    }
    expect(kills).toBeGreaterThan(0);
    for (const file of ["model", "optimizer", "memory"]) {
      const path = `checkpoints/step-20/${file}.safetensors`;
      expect((await readFile(join(killed, path))).equals(await readFile(join(whole, path))), file).toBe(true);
    }
    expect(await lossStream(killed)).toEqual(await lossStream(whole));
    expect((await readdir(join(killed, "checkpoints"))).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("ends before the first step where it is told so early", async () => {
    const run = join(folder, "early");
    const trainer = startCli(["train", "--out", run, ...smallRun(text, endless)]);
    await trainer.said("backend: cpu");
    trainer.child.kill("SIGTERM");
    expect((await trainer.ended).code).toBe(143);
  });
});
