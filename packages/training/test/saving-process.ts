import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const program = fileURLToPath(new URL("../node_modules/.cache/save-checkpoints.mjs", import.meta.url));

/** Bundles `save-checkpoints.ts` into one file that starts fast, and gives its path. */
export async function bundleSaves(): Promise<string> {
  await build({
    entryPoints: [fileURLToPath(new URL("save-checkpoints.ts", import.meta.url))],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@infinite-former/source"],
    external: ["@tensorflow/*"],
  });
  return program;
}

/** How a saving process ended. */
export interface EndedSaves {
  /** The last step it said was saved; 0 if it said none. */
  readonly said: number;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Runs the program in `directory` from a step on.
 *
 * @param mode `advance` saves step after step, `replace` the same step again and again.
 * @param options.delay milliseconds from the first save to SIGKILL.
 * @param options.killAt the process kills itself before this file operation, counted from 1.
 * @param options.saves how many checkpoints it saves before it ends by itself.
 */
export async function saveUntilKilled(
  directory: string,
  first: number,
  mode: "advance" | "replace",
  options: { readonly delay?: number; readonly killAt?: number; readonly saves?: number },
): Promise<EndedSaves> {
  const { delay, killAt = 0, saves = 0 } = options;
  const args = [program, directory, `${first}`, "300000", mode, `${killAt}`, `${saves}`];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (output === "" && delay !== undefined) setTimeout(() => child.kill("SIGKILL"), delay);
    output += text;
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => {
    child.on("close", (_, by) => resolve(by));
  });
  return { said: Number(output.trimEnd().split("\n").at(-1)), signal };
}
