import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./pnpm.mjs";

/**
 * Runs a command line of this repository, its messages shown; ends this script
 * as it ended where it failed or was stopped.
 *
 * @param {string} bin below the repository's root
 * @param {readonly string[]} args
 * @param {{ capture?: boolean }} options whether stdout is wanted; it is shown by default
 * @returns {string | null} stdout, where it was captured
 */
export function commandOfOurs(bin, args, { capture = false } = {}) {
  const { status, signal, stdout } = spawnSync(process.execPath, [join(root, bin), ...args], {
    stdio: ["ignore", capture ? "pipe" : "inherit", "inherit"],
    encoding: "utf8",
  });
  if (signal !== null) process.exit(1);
  if (status !== 0) process.exit(status);
  return stdout;
}
