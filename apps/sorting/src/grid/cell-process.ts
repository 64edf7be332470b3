import { fork } from "node:child_process";
import process from "node:process";
import type { CellProgress } from "../train/run-cell.js";
import type { CellMessage } from "./cell-messages.js";

/** How the process of a cell ended. */
export type CellEnd = "finished" | "stopped" | "failed";

/** A cell to be computed in a process of its own. */
export interface CellStart {
  readonly directory: string;
  readonly name: string;
  /** Name of the backend, as given. */
  readonly backend: string;
  /** Passed on: the cell then saves and ends. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: CellProgress) => void;
  readonly onNotice: (line: string) => void;
}

/** Starts this program again for one cell, and waits for its end. */
export function startCell(start: CellStart): Promise<CellEnd> {
  const { directory, name, backend, signal, onProgress, onNotice } = start;
  return new Promise((resolve, reject) => {
    const program = process.argv[1] as string;
    const child = fork(program, ["cell", directory, name, "--backend", backend], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const passOn = (): void => {
      child.kill(signal.reason as NodeJS.Signals);
    };
    if (signal.aborted) passOn();
    else signal.addEventListener("abort", passOn);
    let unfinishedLine = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      const lines = (unfinishedLine + String(chunk)).split("\n");
      unfinishedLine = lines.pop() ?? "";
      for (const line of lines) onNotice(line);
    });
    child.on("message", (message: CellMessage) => {
      if ("progress" in message) onProgress(message.progress);
      else onNotice(message.notice);
    });
    child.on("error", reject);
    child.on("close", (code, killed) => {
      signal.removeEventListener("abort", passOn);
      if (code === 0) return resolve("finished");
      if (signal.aborted) return resolve("stopped");
      onNotice(`${name}: failed (${killed ?? `exit code ${code}`})`);
      resolve("failed");
    });
  });
}
