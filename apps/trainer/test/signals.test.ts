import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { StartedScript } from "@infinite-former/tooling-vitest/script";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { beforeAll, describe, expect } from "vitest";
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

  for (const [signal, code, target] of [
    ["SIGINT", 130, "process"],
    ["SIGTERM", 143, "process"],
    ["SIGINT", 130, "process group"],
  ] as const) {
    trial({ number: 2, fault: `one ${signal} to the ${target}`, on: "cpu" }, async () => {
      const { run, trainer } = await training();
      const pid = trainer.child.pid as number;
      process.kill(target === "process" ? pid : -pid, signal);
      const end = await trainer.ended;
      expect([end.code, end.signal], end.stderr).toEqual([code, null]);
      expect(end.stderr).toMatch(stopped);
      const saved = Number(/saved at step (\d+) of 100000/.exec(end.stderr)?.[1]);
      expect((await checkpoints(run)).at(-1)).toBe(saved);
      const lines = (await readFile(join(run, "metrics.jsonl"), "utf8")).trim().split("\n");
      expect(JSON.parse(lines.at(-1) as string).step).toBe(saved);
      expect(await readdir(run)).toEqual(["checkpoints", "config.json", "metrics.jsonl", "report.html"]);
    });
  }

  const second = "a second trainer while the first trains, and after that was killed";
  trial({ number: 6, fault: second, on: "cpu" }, async () => {
    const { run, trainer } = await training();
    const refused = await cli(["train", "--resume", run, "--backend", "cpu"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`${run}: in use by the process with pid ${trainer.child.pid};`);
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

  for (const [name, expected] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    trial({ number: 2, fault: `${name} twice`, on: "cpu" }, async () => {
      const { run, trainer } = await training();
      trainer.child.kill(name);
      await trainer.said("once more to end at once");
      await new Promise((resolve) => setTimeout(resolve, 60));
      trainer.child.kill(name);
      // The second signal may meet a process that has saved and is being torn down by Node, which no
      // longer hears it: then it ends by the signal itself, the same to a shell.
      const { code, signal } = await trainer.ended;
      expect(signal === name ? expected : code).toBe(expected);
      const inspected = JSON.parse((await cli(["inspect", run, "--json"])).stdout);
      expect(inspected.damaged).toEqual([]);
      expect(inspected.checkpoint.step).toBeGreaterThan(0);
    });
  }

  const locks: readonly (readonly [what: string, pid: number, host: string, started: string | null])[] = [
    ["a process that is dead", 2 ** 22 + 1, hostname(), null],
    ["a process whose number another has by now", process.pid, hostname(), "1"],
    ["a process of another host", 1, "elsewhere", null],
  ];
  const stale = `locks left by ${locks.map(([what]) => what).join(", ")}`;
  const noTicks = !existsSync("/proc/self/stat") && "this system does not tell when a process began";
  trial({ number: 6, fault: stale, times: locks.length, on: "cpu", skip: noTicks }, async () => {
    const run = join(folder, "locked");
    expect((await cli(["train", "--out", run, ...smallRun(text)])).code).toBe(0);
    for (const [what, pid, host, started] of locks) {
      const lock = JSON.stringify({ pid, host, started });
      await writeFile(join(run, "run.lock"), lock);
      const { code, stderr } = await cli(["train", "--resume", run, "--backend", "cpu"]);
      const held = host === "elsewhere";
      expect(code, `${what}: ${stderr}`).toBe(held ? 2 : 0);
      expect(stderr).toContain(
        held ? `pid 1 on elsewhere; if it has ended, remove ${join(run, "run.lock")}` : "the run is finished",
      );
      expect((await readdir(run)).includes("run.lock")).toBe(held);
    }
  });

  const few = "SIGKILL of the trainer a few times, each resumed: the same weights in the end";
  trial({ number: 1, fault: few, times: 4, on: "cpu", timeout: 400_000 }, async (times) => {
    const settings = { "training.steps": 20, "training.checkpointEvery": 1, "training.logEvery": 7 };
    const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
    expect((await cli(["train", "--out", whole, ...smallRun(text, settings)])).code).toBe(0);
    let kills = 0;
    let args = ["train", "--out", killed, ...smallRun(text, settings)];
    for (;;) {
      const trainer = startCli(args);
      await trainer.said(kills === 0 ? "parameters" : `${killed}: `).catch(() => undefined);
      const instant = kills < times ? 200 + 500 * ((kills * 0.618) % 1) : 100_000;
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

  trial({ number: 2, fault: "SIGTERM before the first step", on: "cpu" }, async () => {
    const run = join(folder, "early");
    const trainer = startCli(["train", "--out", run, ...smallRun(text, endless)]);
    await trainer.said("backend: cpu");
    trainer.child.kill("SIGTERM");
    expect((await trainer.ended).code).toBe(143);
  });
});
