import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type StartedScript, scriptCommand, startScript } from "@infinite-former/tooling-vitest/script";
import { afterAll } from "vitest";
import { main } from "../src/cli.js";

/** What a command line gave. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line inside this process, with streams of its own. */
export async function cli(args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
  let stdout = "";
  let stderr = "";
  const code = await main(args, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    interactive: false,
    env,
    cwd: process.cwd(),
  });
  return { code, stdout, stderr };
}

/** Starts the command line from its sources in a process (and process group) of its own. */
export function startCli(args: readonly string[], env: Record<string, string> = {}): StartedScript {
  return startScript(new URL("./cli-process.ts", import.meta.url), args, env);
}

/** The command line's own command, for shell scripts. */
export const cliCommand: readonly string[] = scriptCommand(new URL("./cli-process.ts", import.meta.url));

const made: string[] = [];

/** A new empty folder that is removed when the test file ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "infinite-former-trainer-"));
  made.push(folder);
  return folder;
}

afterAll(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Sentences that a very small model learns something of within a few dozen steps. */
export const smallText: string = Array.from(
  { length: 40 },
  (_, i) => `the ${["whale", "ship", "sea", "captain"][i % 4]} saw the ${["boat", "sail", "mast"][i % 3]}.\n`,
).join("");

/** Writes a text beside a test's runs and gives its path. */
export async function textFile(folder: string, text: string = smallText, name = "text.txt"): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** Arguments that make a run of a very small model on a text of one's own, on the cpu backend. */
export function smallRun(text: string, settings: Record<string, unknown> = {}): string[] {
  const all: Record<string, unknown> = {
    "data.text": text,
    "model.layers": 1,
    "model.modelSize": 8,
    "model.heads": 2,
    "model.innerSize": 8,
    "model.segmentLength": 8,
    "model.shortTermLength": 8,
    "model.basisCount": 8,
    "model.sampleCount": 8,
    "training.steps": 6,
    "training.batchSize": 2,
    "training.warmupSteps": 0,
    "training.logEvery": 2,
    "training.evaluateEvery": 0,
    "training.evaluateRows": 4,
    "training.checkpointEvery": 3,
    "training.sampleLength": 10,
    ...settings,
  };
  return [
    "--backend",
    "cpu",
    ...Object.entries(all).flatMap(([path, value]) => ["--set", `${path}=${value}`]),
  ];
}

/** Everything of a report that does not depend on how fast the machine was. */
export async function lossStream(run: string): Promise<unknown[]> {
  const text = await readFile(join(run, "metrics.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const { seconds: _, tokensPerSecond: __, ...rest } = JSON.parse(line);
      return rest;
    });
}
