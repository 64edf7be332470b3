import { spawn, spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import process from "node:process";
import { type CliResult, cliCommand } from "./harness.js";

/** Why no file system can be mounted here; `false` where one can. */
export const cannotMount: string | false =
  process.platform === "linux" &&
  spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", tmpdir()]).status === 0
    ? false
    : "needs the right to mount a small file system";

/**
 * Runs a shell script that may mount file systems: in a mount namespace of its
 * own, where nobody else sees them and which ends with it. `cli` in it is the
 * command line; `$1` and so on are the arguments.
 */
export async function inNamespace(script: string, args: readonly string[]): Promise<CliResult> {
  const quoted = cliCommand.map((part) => `'${part}'`).join(" ");
  const whole = `set -u; cli() { ${quoted} "$@"; }; ${script}`;
  const child = spawn("unshare", ["-rm", "sh", "-c", whole, "sh", ...args], {
    env: { ...process.env, TSX_DISABLE_CACHE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout, stderr };
}
