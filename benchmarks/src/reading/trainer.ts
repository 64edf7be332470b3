import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { folder } from "../folder.js";

/** How a command of the trainer ended. */
export interface Ended {
  readonly seconds: number;
  /** Most memory that the process held. */
  readonly peakRssBytes: number;
}

/** Tells, when a process ends, the most memory it has held. */
const tellPeak =
  "process.on('exit', () => process.stderr.write('\\npeak ' + process.resourceUsage().maxRSS + '\\n'))";

/**
 * Runs the trainer's command line in a process of its own, as a user would.
 *
 * @throws Error with what it said where it ended in another way than well.
 */
export function trainer(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const bin = fileURLToPath(new URL("../apps/trainer/bin/infinite-former.js", folder));
  const hook = `data:text/javascript,${encodeURIComponent(tellPeak)}`;
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", hook, bin, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...environment },
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-10_000);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      const peak = /^peak (\d+)$/m.exec(said)?.[1];
      if (code !== 0 || peak === undefined)
        reject(new Error(`infinite-former ${args.join(" ")} ended with ${code}:\n${said}`));
      else resolve({ seconds: (performance.now() - start) / 1000, peakRssBytes: Number(peak) * 1024 });
    });
  });
}
