import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { smallDialogues, writeFiles } from "../../../packages/datasets/test/small-dialogues.js";
import { main } from "../src/cli.js";

/** What a command line gave. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line inside this process, with streams of its own. */
export async function cli(args: readonly string[], cwd: string = process.cwd()): Promise<CliResult> {
  let stdout = "";
  let stderr = "";
  const code = await main([...args, "--backend", "cpu"], {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    interactive: false,
    env: {},
    cwd,
  });
  return { code, stdout, stderr };
}

const made: string[] = [];

/** A new empty folder that is removed when the test file ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "infinite-former-dialogue-"));
  made.push(folder);
  return folder;
}

afterAll(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A data set of two documents and four conversations in a new folder, some of its files changed. */
export async function smallData(changes: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const folder = await temporaryFolder();
  await writeFiles(folder, { ...smallDialogues(), ...changes });
  return folder;
}

/** A GPT-2 with 334 ids in Hugging Face layout. */
export const tinyGpt2: string = fileURLToPath(
  new URL("../../../tooling/golden/fixtures/hf_gpt2_tiny", import.meta.url),
);

/** Trains, and fails with what was said where it does not end well. */
export async function train(args: readonly string[]): Promise<string> {
  const { code, stderr } = await cli(args);
  if (code !== 0) throw new Error(`train ended with ${code}: ${stderr}`);
  return stderr;
}

/** What `evaluate --json` says of a run. */
export async function evaluated<T>(run: string, data: string, ...more: string[]): Promise<T> {
  const { code, stdout, stderr } = await cli(["evaluate", run, "--data", data, "--json", ...more]);
  if (code !== 0) throw new Error(`evaluate ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
